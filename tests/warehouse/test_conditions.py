import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.errors import ConfigError
from warehouse.condition_texts import conditions_of_texts
from warehouse.conditions import (
    NO_CONDITIONS,
    as_text,
    conditions_of,
    terms_of,
)
from warehouse.dimensions import BY_NAME, FILTERS, NOT_KNOWN
from warehouse.terms import Not, Prefix, Range

BROWSER, DEVICE = BY_NAME["browser"], BY_NAME["device_type"]


@pytest.mark.parametrize(
    ("given", "values"),
    [
        pytest.param("Firefox", ("Firefox",), id="one value"),
        pytest.param(["b", "a", "b"], ("a", "b"), id="any of several, each once"),
        pytest.param(("b", None), ("b", None), id="not known comes last"),
        pytest.param(None, (None,), id="not known"),
        pytest.param(NOT_KNOWN, (None,), id="not known as text"),
        pytest.param("= >= 30", (">= 30",), id="a value that looks like an operator"),
        pytest.param("=Zen", ("Zen",), id="equals without a blank"),
        pytest.param("= (not known)", (NOT_KNOWN,), id="a value that reads like not known"),
        pytest.param("docs/*", ("docs/*",), id="a star is a sign, where there are no pages"),
        pytest.param("1.2", ("1.2",), id="a number is a text"),
    ],
)
def test_condition_takes_these_values(given, values):
    assert conditions_of({"browser": given}) == (("browser", values),)


@pytest.mark.parametrize("given", [[], (), set()], ids=repr)
def test_condition_without_values_is_refused_and_does_not_take_everything(given):
    with pytest.raises(ConfigError, match="browser has no value"):
        conditions_of({"browser": given})
    assert NO_CONDITIONS.with_values(BROWSER, ["Zen"]).with_values(BROWSER, given) == ()


def test_conditions_are_parsed_once():
    parsed = conditions_of({"campaign": "= >= 30"})
    assert conditions_of(parsed) is parsed


@pytest.mark.parametrize(
    ("name", "given", "terms"),
    [
        ("browser", "!= Firefox", (Not("Firefox"),)),
        ("browser", "!=Firefox", (Not("Firefox"),)),
        ("browser", ["!= b", "!= a"], (Not("a"), Not("b"))),
        ("browser", ["a", "!= b"], ("a", Not("b"))),
        ("browser", "!= (not known)", (Not(None),)),
        ("browser", "!= = >= 30", (Not(">= 30"),)),
        ("entry_page", "/docs/*", (Prefix("/docs/"),)),
        ("exit_page", ["/", "!= /docs/*"], ("/", Not(Prefix("/docs/")))),
        ("entry_page", "*", (Prefix(""),)),
        ("entry_page", "= /docs/*", ("/docs/*",)),
        ("duration_seconds", ">= 30", (Range(low=30),)),
        ("duration_seconds", ">30", (Range(low=30, has_low=False),)),
        ("duration_seconds", "<= 30.5", (Range(high=30.5),)),
        ("duration_seconds", "< 1e3", (Range(high=1000, has_high=False),)),
        ("duration_seconds", "30..600", (Range(30, 600),)),
        ("duration_seconds", "-1..0.5", (Range(-1, 0.5),)),
        ("duration_seconds", "!= 30..600", (Not(Range(30, 600)),)),
        (
            "duration_seconds",
            ["< 30", "> 600"],
            (Range(high=30, has_high=False), Range(600, None, False)),
        ),
        ("event_count", 3, ("3",)),
        ("event_count", [3, "3.0", 3.0], ("3",)),
        ("hour", [9, "10"], ("10", "9")),
        ("hour", ">= 22", (Range(low=22),)),
        ("is_new_user", True, ("true",)),
        ("is_new_user", "false", ("false",)),
        ("activity_level", "!= power_user", (Not("power_user"),)),
    ],
)
def test_condition_with_an_operator_is_understood(name, given, terms):
    assert conditions_of({name: given}) == ((name, terms),)


@pytest.mark.parametrize(
    ("name", "given", "sentence"),
    [
        ("browser", ">= 30", "compares numbers, and browser is none.*write it as '= >= 30'"),
        ("browser", "<30", "compares numbers"),
        ("campaign", "30..600", "is a range of numbers.*write it as '= 30..600'"),
        ("browser", "!= != Firefox", "says 'not' twice"),
        ("browser", "!=", "browser has no value"),
        ("device_type", "!= tablets", "Did you mean 'tablet'"),
        ("duration_seconds", "long", "'long' is no number. Wanted a number, such as 30"),
        ("duration_seconds", ">= long", "'long' is no number"),
        ("duration_seconds", "30..", "is no number"),
        ("duration_seconds", "nan", "is no number"),
        ("duration_seconds", "600..30", "takes nothing: write the smaller number first"),
        ("duration_seconds", [">= 30", "<= 600"], "takes every number.*write '30..600'"),
        ("duration_seconds", True, "is True. Wanted a number"),
        ("is_new_user", 1, "is 1. Wanted True or False"),
        ("is_new_user", "new", "Unknown first session of the user 'new'"),
        ("browser", False, "is False. Wanted a text"),
    ],
)
def test_operator_that_does_not_fit_is_refused_and_never_a_value(name, given, sentence):
    with pytest.raises(ConfigError, match=sentence):
        conditions_of({name: given})


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        pytest.param({"browsers": "x"}, "Did you mean 'browser'", id="a name nearly right"),
        pytest.param({"colour": "x"}, "Unknown dimension 'colour'", id="a name of nothing"),
        pytest.param({"My plan": "x"}, "Unknown dimension 'My plan'", id="a name none can have"),
        pytest.param({"plan": []}, "plan has no value", id="no value of a name not known yet"),
        pytest.param({"browser": ""}, "browser has no value", id="an empty text"),
        pytest.param({"browser": "= "}, "browser has no value", id="equals nothing"),
        pytest.param({"browser": 3}, "browser is 3. Wanted a text", id="a number"),
        pytest.param({"browser": object}, "Wanted a text", id="no value at all"),
        pytest.param({"browser": [3]}, "browser is 3. Wanted a text", id="a number in a list"),
        pytest.param({"device_type": "tablets"}, "Did you mean 'tablet'", id="no such device"),
        pytest.param(["browser"], "Wanted values by name", id="no mapping"),
    ],
)
def test_condition_that_makes_no_sense_is_refused(given, sentence):
    # A name may be one of dwell.toml: the warehouse that is asked tells.
    with pytest.raises(ConfigError, match=sentence):
        conditions_of(given).read(FILTERS)


@pytest.mark.parametrize(
    ("texts", "conditions"),
    [
        (["browser=Firefox"], {"browser": "Firefox"}),
        (["browser = Firefox "], {"browser": "Firefox"}),
        (["browser=Zen", "os=Linux", "browser=Edge"], {"browser": ["Zen", "Edge"], "os": "Linux"}),
        (["browser=(not known)"], {"browser": None}),
        (["entry_page=/search?a=b"], {"entry_page": "/search?a=b"}),
        (["campaign== >= 30"], {"campaign": "= >= 30"}),
        (["browser!=Firefox"], {"browser": "!= Firefox"}),
        (["browser!= Firefox", "browser!=Zen"], {"browser": ["!= Firefox", "!= Zen"]}),
        (["duration_seconds>=30"], {"duration_seconds": ">= 30"}),
        (["duration_seconds=30..600"], {"duration_seconds": "30..600"}),
        (["entry_page!=/docs/*"], {"entry_page": "!= /docs/*"}),
        ([], {}),
    ],
)
def test_text_form_says_the_same(texts, conditions):
    assert conditions_of_texts(texts) == conditions_of(conditions)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("browser", "is no condition. Wanted NAME=VALUE"),
        ("=Firefox", "is no condition"),
        ("browser=", "has no value"),
        ("browser>=30", "compares numbers"),
        ("colour=red", "Unknown dimension 'colour'"),
    ],
)
def test_text_that_is_no_condition_is_refused(text, sentence):
    with pytest.raises(ConfigError, match=sentence):
        conditions_of_texts([text]).read(FILTERS)


@pytest.mark.parametrize(
    "value",
    ["Zen", None, ">= 30", "= x", "!= x", NOT_KNOWN, "1..2", "unknown", " a", "a ", "\xa0a\n"],
)
def test_text_of_a_value_chooses_that_value(value):
    for term in (value, Not(value)):
        text = as_text(BROWSER, term)
        assert conditions_of({"browser": [text]}).values("browser") == (term,)
        written = f"browser{text.replace(' ', '', 1)}" if term is not value else f"browser={text}"
        assert conditions_of_texts([written]).values("browser") == (term,)


NUMBER = st.integers(-5, 5) | st.floats(-1e6, 1e6).map(lambda number: round(number, 3))
TERMS = st.one_of(
    st.builds(Range, NUMBER, st.none(), st.booleans()),
    st.builds(lambda high, has: Range(high=high, has_high=has), NUMBER, st.booleans()),
    st.tuples(NUMBER, NUMBER).map(lambda ends: Range(min(ends), max(ends))),
    NUMBER.map(lambda number: terms_of(BY_NAME["hour"], number)[0]),
)


@given(TERMS, st.booleans())
def test_text_of_a_range_chooses_that_range(term, negated):
    dimension = BY_NAME["duration_seconds"]
    chosen = Not(term) if negated else term
    assert terms_of(dimension, as_text(dimension, chosen)) == (chosen,)


def test_device_has_a_word_of_its_own_for_not_known():
    assert as_text(DEVICE, None) == "unknown"
    for word in ("unknown", NOT_KNOWN, None):
        assert conditions_of({"device_type": word}).values("device_type") == (None,)
