"""Messages are handed on with their level and action."""

from pytestqt.qtbot import QtBot

from app.services.messages import Level, Message, Messages


def test_every_level_is_posted_with_its_action(qtbot: QtBot) -> None:
    messages, posted, done = Messages(), list[Message](), list[str]()
    messages.posted.connect(posted.append)
    messages.info("Exported 3 tubes.", "Show", lambda: done.append("shown"))
    messages.warning("Frame 7 is damaged.")
    messages.error("The disk is full.")
    assert [m.level for m in posted] == [Level.INFO, Level.WARNING, Level.ERROR]
    assert [m.text for m in posted][1:] == ["Frame 7 is damaged.", "The disk is full."]
    assert posted[0].caption == "Show"
    assert posted[0].action is not None
    posted[0].action()
    assert done == ["shown"]
    assert posted[1].action is None
