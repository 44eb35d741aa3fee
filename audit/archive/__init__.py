"""The archive: every word of every conversation can be found again.

scope       whose a conversation is, as index keys
indexing    conversations → rows of the index (by `lingxi.grams`); by subscriber and command
search      the newest messages with these words, among these conversations
listing     a page of results
highlight   the found words in a text, for one viewer
transcript  one conversation, whole
rebuild     filling the index for many conversations at once
"""
