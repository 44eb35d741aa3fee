"""What happens in one conversation: who says what, how long it takes, how it ends."""

from conversations.demo import phrases
from conversations.demo.business import GOODS, GROUPS, Good, Group
from conversations.demo.dice import Dice
from conversations.demo.people import Person, Server, Shop
from conversations.demo.reviews import Mood, Reviews, Subject
from conversations.demo.script import NotYet, Script
from conversations.models import AuthorType

SCORES = {Mood.GOOD: (2, 2, 6, 20, 70), Mood.BAD: (25, 20, 20, 17, 18)}  # weights of 1 to 5
GAVE_UP, TRANSFERRED, NOTED, RATED, WRAPPED_UP = 0.03, 0.07, 0.09, 0.38, 0.7  # how often


class Topic:
    """What a visitor comes for, and in which mood."""

    def __init__(self, dice: Dice, reviews: Reviews, person: Person) -> None:
        self.group: Group = dice.weighted(GROUPS, person.entry.asks)
        subject = dice.choice(person.entry.subjects)
        self.good: Good = dice.choice([good for good in GOODS if good.subject == subject])
        self.mood = Mood.GOOD if dice.chance(self.group.mood) else Mood.BAD
        self.order = f"YS{dice.randint(10**9, 10**10 - 1)}"
        self.phone = person.phone or f"1380000{dice.randint(0, 9999):04d}"
        # Questions about delivery turn to the thing itself as often as not.
        delivery = self.group.slug == "delivery" and dice.chance(0.5)
        self._pool = reviews.of(self.mood, Subject.DELIVERY if delivery else subject)
        self._dice = dice
        self._words = list(dice.choice(self._pool))
        self.replies = list(phrases.REPLIES[self.group.slug, self.mood.value])
        dice.shuffle(self.replies)

    def more(self) -> str:
        """The next sentence; when a review is told to its end, another follows or a filler."""
        if not self._words and self._dice.chance(0.75):
            self._words = list(self._dice.choice(self._pool))
        return self._words.pop(0) if self._words else self._dice.choice(phrases.FILLERS)

    def fill(self, text: str, agent: str = "") -> str:
        """A phrase with its blanks filled."""
        return text.format(good=self.good.name, order=self.order, phone=self.phone, agent=agent)


class Plot:
    """Tells a topic into a script."""

    def __init__(self, dice: Dice, shop: Shop, topic: Topic, script: Script) -> None:
        self.dice, self.shop, self.topic, self.script = dice, shop, topic, script

    def whole(self) -> None:
        """From the first word to the rating. Raises `NotYet` when it is not over by now."""
        self._open()
        if self.dice.chance(GAVE_UP):
            self._give_up()
            return
        self._serve()
        self._end()

    def so_far(self, server: Server) -> None:
        """Served and not over: as much as has happened by now, with the visitor speaking last."""
        try:
            self._open()
            self.script.wait(1)
            self.script.assign(server)
            self._greet()
            self._talk(most=3)
        except NotYet:
            pass
        if self.script.server is None:
            self.script.assign(server)
        if self.dice.chance(0.75) and self.script.waiting_since is None:
            left = (self.script.limit - self.script.now).total_seconds()
            self.script.wait(self.dice.uniform(0, min(90, 0.9 * left)))
            self.script.ask(self.topic.more())

    def waiting(self) -> None:
        """Nobody has come yet."""
        try:
            self._open()
            while self.dice.chance(0.5):
                self.script.wait(self.dice.around(60))
                self.script.ask(self.dice.choice(phrases.STILL_WAITING))
        except NotYet:
            pass

    def _open(self) -> None:
        opening = self.dice.choice(phrases.OPENINGS[self.topic.group.slug])
        self.script.wait(self.dice.uniform(2, 15))
        self.script.ask(self.topic.fill(opening))

    def _give_up(self) -> None:
        self.script.wait(self.dice.around(90))
        self.script.ask(self.dice.choice(phrases.STILL_WAITING))
        self.script.wait(self.dice.around(120))
        self.script.close(AuthorType.VISITOR)

    def _serve(self) -> None:
        busy = 10 <= self.script.began.hour < 12 or 20 <= self.script.began.hour < 22
        self.script.wait(self.dice.around(40 if busy else 9, 0.9))
        self.script.assign(self._on_shift(self.topic.group.slug))
        self._greet()
        self._talk(most=2)
        if self.dice.chance(TRANSFERRED):
            self._transfer()
            self._greet()
        self._talk(most=3)
        if self.dice.chance(NOTED):
            self.script.note(self.dice.choice(phrases.NOTES))

    def _on_shift(self, slug: str) -> Server:
        servers = self.shop.servers[slug]
        hour = self.script.now.hour
        others = [s for s in servers if hour in s.shift and s is not self.script.server]
        return self.dice.choice(others or servers)

    def _greet(self) -> None:
        agent = self.script.server.name if self.script.server else ""
        self._reply(phrases.GREETINGS, median=6, agent=agent)

    def _talk(self, most: int) -> None:
        for _ in range(self.dice.randint(1, most)):
            if self.topic.group.slug in {"aftersale", "delivery"} and self.dice.chance(0.25):
                self._reply(phrases.ASKS, median=12)
                self._say(self.dice.choice(phrases.ANSWERS))
            else:
                for _ in range(self.dice.weighted((1, 2, 3), (5, 4, 1))):
                    self._say(self.topic.more())
            if self.topic.replies:
                self._reply((self.topic.replies.pop(),), median=24)

    def _say(self, text: str) -> None:
        text = self.topic.fill(text) if "{" in text else text
        self.script.wait(4 + self.dice.around(0.5 * min(len(text), 40)))
        self.script.ask(text)

    def _reply(self, texts: tuple[str, ...], median: float, agent: str = "") -> None:
        pace = self.script.server.pace if self.script.server else 1
        self.script.wait(2 + self.dice.around(median * pace))
        self.script.answer(self.topic.fill(self.dice.choice(texts), agent))

    def _transfer(self) -> None:
        note = self.dice.choice(phrases.HANDOVERS)
        self.script.wait(self.dice.around(15))
        if self.dice.chance(0.4):
            self.script.hand_over(self._on_shift(self.topic.group.slug), note)
            return
        slug = self.dice.choice([g.slug for g in GROUPS if g.slug != self.topic.group.slug])
        self.script.to_group(self.shop.groups[slug], note)
        self.script.wait(self.dice.around(12))
        self.script.assign(self._on_shift(slug))

    def _end(self) -> None:
        self._say(self.dice.choice(phrases.THANKS[self.topic.mood.value]))
        self._reply(phrases.GOODBYES, median=9)
        by = self.dice.weighted(
            (AuthorType.VISITOR, AuthorType.AGENT, AuthorType.SYSTEM), (0.4, 0.45, 0.15)
        )
        self.script.wait(600 if by == AuthorType.SYSTEM else self.dice.around(40))
        self.script.close(by)
        if self.dice.chance(WRAPPED_UP):
            category = self.dice.choice(self.shop.categories[self.script.group.slug])
            self.script.wrapped(category, self.dice.weighted((True, False, None), (8, 2, 1)))
        if by != AuthorType.SYSTEM and self.dice.chance(RATED):
            self._rate()

    def _rate(self) -> None:
        mood = self.topic.mood
        score = self.dice.weighted((1, 2, 3, 4, 5), SCORES[mood])
        skill = self.script.server.skill - 1 if self.script.server else 0
        if self.dice.chance(2 * abs(skill)):
            score = min(5, max(1, score + (1 if skill > 0 else -1)))
        resolved = self.dice.weighted((score > 3, score <= 3, None), (8, 1, 1))
        heard = "good" if score > 3 else "bad"
        comment = self.dice.choice(phrases.COMMENTS[heard]) if self.dice.chance(0.3) else ""
        self.script.wait(self.dice.around(20))
        self.script.rate(score, resolved, comment)
