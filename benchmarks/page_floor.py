"""What Streamlit takes by itself: a number and a switch, alone and with one chart.

No page of Dwell can be quicker than this with the same Streamlit, as it comes.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.page_server import Server, served

_NUMBER = """
import streamlit as st

st.title("A number")
days = st.segmented_control("Period", ["7 d", "30 d"], default="30 d", required=True, key="period")
st.html(f'<div class="dwell-card"><div class="dwell-value">{days}</div></div>')
"""
_CHART = """
import plotly.graph_objects as go

st.plotly_chart(go.Figure(go.Bar(y=list(range(int(days.split()[0]))))), key="chart")
"""
FLOORS = {"Streamlit alone": _NUMBER, "Streamlit, one chart": _NUMBER + _CHART}


@contextmanager
def floor(name: str, folder: Path) -> Iterator[Server]:
    """Serves the script of that name."""
    script = folder / "floor.py"
    script.write_text(FLOORS[name], encoding="utf-8")
    flags = {
        "server.address": "127.0.0.1",
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
    }
    words = [f"--{flag}={value}" for flag, value in flags.items()]
    with served([sys.executable, "-m", "streamlit", "run", script, *words], folder) as server:
        yield server
