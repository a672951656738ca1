"""What leaves the house: messages, kept on disk until each of their receivers has them.

`outbox.put` keeps one, `outbox.deliver` sends what is due, within a time that no receiver can
stretch. Of metrics, alerts and reports nothing is known here.
"""
