"""自定义字段: forms of customers, conversations and tickets as data, in frozen versions."""
