"""Functions of a script that treat single columns of a table."""

from __future__ import annotations

NUMBERS = '''
def numbers(*names):
    """Columns of numbers, shape `(rows, columns)`."""
    return table[list(names)].to_numpy("float64")
'''
FILLED = {
    "median": '''
def filled_with_median(values):
    """Numbers whose gaps hold the median of the training rows."""
    return np.where(np.isnan(values), np.nanmedian(values[train], axis=0), values)
''',
    "mean": '''
def filled_with_mean(values):
    """Numbers whose gaps hold the mean of the training rows."""
    return np.where(np.isnan(values), np.nanmean(values[train], axis=0), values)
''',
    "most_frequent": '''
def filled_with_most_frequent(values):
    """Numbers whose gaps hold what most training rows have."""
    imputer = SimpleImputer(strategy="most_frequent").fit(values[train])
    return imputer.transform(values)
''',
}
SCALED = {
    "standard": '''
def standard(values):
    """Numbers with mean 0 and deviation 1 in the training rows."""
    std = values[train].std(axis=0)
    return (values - values[train].mean(axis=0)) / np.where(std == 0, 1, std)
''',
    "min_max": '''
def min_max(values):
    """Numbers from 0 to 1 in the training rows."""
    low, high = values[train].min(axis=0), values[train].max(axis=0)
    return (values - low) / np.where(high == low, 1, high - low)
''',
    "robust": '''
def robust(values):
    """Numbers with median 0 and quartiles 1 apart in the training rows."""
    low, middle, high = np.quantile(values[train], [0.25, 0.5, 0.75], axis=0)
    return (values - middle) / np.where(high == low, 1, high - low)
''',
    "rescale": '''
def rescaled(values, low, high):
    """Numbers from 0 to 1 where they went from `low` to `high`."""
    return (values - low) / (high - low)
''',
}
ONE_HOT = '''
def one_hot(texts, *more):
    """A column of 0 and 1 for each text of the training rows."""
    return texts[:, None] == np.unique([*texts[train], *more])
'''
ORDINAL = '''
def ordinal(texts, *more):
    """The number of each text of the training rows; the next one for others."""
    known = {text: i for i, text in enumerate(np.unique([*texts[train], *more]))}
    return np.array([known.get(text, len(known)) for text in texts])
'''
HASHED = '''
def hashed(texts, bins):
    """Columns of 0 and 1, where a hash of the text says which is 1."""
    digests = [blake2b(text.encode(), digest_size=8).digest() for text in texts]
    return np.eye(bins)[[int.from_bytes(one, "little") % bins for one in digests]]
'''
WORDS_OF = '''
def words_of(text):
    """The words of a text, without the marks between them."""
    text = text{lower}.replace("\\u2019", "'")
    marks = {{c for c in text if category(c)[0] == "P" or c in "$+<=>^`|~"}} - {{"'"}}
    words = "".join(" " if c in marks else c for c in text).split()
    return [word.strip("'") for word in words if word.strip("'")]
'''
PLAIN_WORDS_OF = '''
def words_of(text):
    """The words of a text."""
    return text{lower}.split()
'''
CHARACTERS_OF = '''
def characters_of(text):
    """The characters of a text; what stands between two words is one space."""
    return list(" ".join(words_of(text)))
'''
VOCABULARY = '''
def vocabulary(texts, least, most):
    """{What} that stand so often in the training texts, the most frequent first."""
    counts = Counter(word for text in texts[train] for word in {split}(text))
    kept = [word for word, count in counts.items() if count >= least]
    return sorted(kept, key=lambda word: (-counts[word], word))[:most]
'''
NUMBERED = '''
def numbered(texts, known):
    """Texts as rows of numbers: 0 is padding, 1 a {what} that is not known."""
    number = {{word: i for i, word in enumerate(known, 2)}}
    return [[number.get(word, 1) for word in {split}(text)] for text in texts]
'''
MULTI_HOT = '''
def multi_hot(texts, known):
    """A column of 0 and 1 for each {what}."""
    rows = [set({split}(text)) for text in texts]
    return np.array([[word in row for word in known] for row in rows])
'''
TF_IDF = '''
def tf_idf(texts, known):
    """A column for each {what}: its count, times more the rarer it is."""
    counts = [Counter({split}(text)) for text in texts]
    times = np.array([[row[word] for word in known] for row in counts])
    found = (times[train] > 0).sum(axis=0)
    return times * np.log(1 + len(train) / (1 + found))
'''
