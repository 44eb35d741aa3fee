"""自动建单: tickets made of conversations by rule, without an agent.

matching   which rule fits which words and which conversation
firing     making the ticket, once per rule and conversation
watching   the subscribers: messages, ends, wrap-ups, ratings
waiting    the sweep: visitors who wait too long
sentences  a rule in words
"""
