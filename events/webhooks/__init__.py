"""Send what happens to addresses that administrators give, as Standard Webhooks specifies it.

    log of events ── dispatch ──> a row for each delivery ── sending ──> receivers, side by side
                     (a job)                                 (a job)

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""
