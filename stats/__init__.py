"""What was asked: masking, recording, counting, reports. Knows the FAQ, not Telegram and not the office's pages."""
