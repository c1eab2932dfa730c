"""Captions: the words that pictures are described by, and the closed vocabulary that the model reads."""

import re

COLOURS = {"red": 0, "orange": 25, "yellow": 50, "green": 130, "cyan": 182, "blue": 215, "purple": 270, "pink": 325}
BACKGROUNDS = {
    "white": (255, 255, 255), "black": (20, 20, 24), "red": (226, 60, 55), "orange": (245, 150, 50),
    "yellow": (252, 222, 90), "green": (96, 188, 100), "cyan": (110, 215, 220), "blue": (70, 130, 225),
    "purple": (150, 90, 200), "pink": (248, 165, 200), "gray": (160, 165, 170),
}
COLOUR_WORDS = {*COLOURS, "brown", "gray", "grey", "black", "white", "violet"}
MAX_WORDS = 12
PAD, UNKNOWN = 0, 1


def words(text):
    """The words of a text, in lower case, without punctuation."""
    return re.findall(r"[a-z0-9]+", text.lower())


def build_vocabulary(icons):
    """word -> id; 0 is padding, 1 any other word."""
    known = {*COLOUR_WORDS, *BACKGROUNDS, "on", "background"}
    for icon in icons:
        known.update(words(icon["label"]))
        for keyword in icon["keywords"]:
            known.update(words(keyword))
    return {word: index for index, word in enumerate(["<pad>", "<unknown>", *sorted(known)])}


def encode(text, vocabulary):
    """Word ids of a prompt, padded. Words that the model does not know are left out: they would only be noise."""
    ids = [vocabulary[word] for word in words(text) if word in vocabulary][:MAX_WORDS]
    return ids + [PAD] * (MAX_WORDS - len(ids))


def caption(icon, colour, is_recoloured, background, rng):
    """One way to ask for this picture: its name or some keywords, its colour, its background."""
    name = words(icon["label"])
    keywords = icon["keywords"]
    if is_recoloured:
        name = [word for word in name if word not in COLOUR_WORDS]
        keywords = [keyword for keyword in keywords if not COLOUR_WORDS & set(words(keyword))]
    parts = []
    if colour and colour not in name and (is_recoloured or rng.random() < 0.5):
        parts.append(colour)
    if rng.random() < 0.8 or not keywords:
        parts += name
    else:
        for keyword in rng.sample(keywords, min(len(keywords), rng.choice([1, 1, 2, 3]))):
            parts += words(keyword)
    if background != "white" or rng.random() < 0.15:
        parts += ["on", background, "background"]
    return " ".join(parts)
