from nabla.checks import wrong


@wrong(fails=("test_refuses_nothing",), hint={"en": "What about an empty array?", "ja": "空の配列ではどうですか。"})
def takes_everything(x):
    """Accepts an empty array."""
    return x / 2
