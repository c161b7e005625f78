"""What must not be lost: messages, their content, reports and work."""
