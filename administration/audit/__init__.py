"""What those who run the school did, and what they looked at that is private: a log that only grows."""
