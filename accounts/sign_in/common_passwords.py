"""Passwords of ten and more characters that are tried first.

Shorter ones are refused for their length.
"""

_WORDS = """
password password1 password12 password123 password1234 passw0rd123 p@ssw0rd123 qwertyuiop qwerty12345 qwerty123456
1234567890 12345678910 123456789012 0123456789 0987654321 9876543210 1111111111 0000000000 1q2w3e4r5t 1q2w3e4r5t6y
1qaz2wsx3edc zaq12wsxcde3 asdfghjkl1 asdfghjkl123 qazwsxedcrfv iloveyou12 iloveyou123 sunshine123 princess123
football123 baseball123 superman123 batman12345 dragon12345 monkey12345 letmein1234 letmein12345 welcome1234
welcome12345 changeme123 changeme1234 administrator admin123456 admin1234567 abcdefghij abcdefghijk abcd123456
abc1234567 qwertyuiop123 1234qwerty 123qwe123qwe a123456789 aa12345678 1122334455 123123123123 5555555555
michael1234 jennifer123 charlie1234 trustno1234 starwars123 whatever123 computer123 internet123 liverpool123
chelsea1234 arsenal1234 barcelona123 realmadrid1 pokemon12345 minecraft123 lovelovelove helloworld hello12345
hello123456 teacher123 teacher1234 student123 student1234 lectern123 lectern1234 mypassword mypassword1
mypassword123 secret12345 qwer1234qwer 1qazxsw23edc zxcvbnm1234 zxcvbnm123 qwerty1234 q1w2e3r4t5 q1w2e3r4t5y6
"""

COMMON_PASSWORDS = frozenset(_WORDS.split())
