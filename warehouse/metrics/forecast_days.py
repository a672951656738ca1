"""What forecasts count in: days. Loads no arrays."""

WEEK = 7
# As far ahead as models tell, and as the back-test looks.
HORIZON = 28
# Days that tell a model how a series begins; before they are over it tells nothing of use.
BEGINNING = 28
