"""What tests of several features share: real servers, a real browser."""
