"""Small additions to Streamlit's look; colours come from the theme, light or dark."""

from __future__ import annotations

from dashboard.drawing import CSS as DRAWN

CSS = (
    f"<style>{DRAWN}</style>"
    + """
<style>
  [data-testid="stMainBlockContainer"] { padding-top: 3.5rem; max-width: 1720px; }
  .st-key-tp-language { position: fixed; top: .6rem; left: auto; right: 4rem; width: max-content;
    z-index: 1000000; }
  [data-testid="stCaptionContainer"] { color: inherit; opacity: .8; }
  [data-testid="stSliderThumbValue"] { color: inherit; }
  button[data-variant="segmented_control"][data-selected="true"] { color: inherit !important; }
  .tp-calm { font-size: 1.35rem; line-height: 1.6; margin: 0 0 .5rem; }
  .tp-table { width: 100%; border-collapse: collapse; font-size: 1.05rem; }
  .tp-table th { text-align: left; font-weight: 600; font-size: .95rem; opacity: .75; }
  .tp-table th, .tp-table td { padding: .5rem .7rem; white-space: nowrap;
    border: 0; border-bottom: 1px solid rgba(128, 138, 148, .35); }
  .tp-table .tp-n { text-align: right; font-variant-numeric: tabular-nums; }
  .tp-table .tp-n + :not(.tp-n) { padding-left: 1.8rem; }
  .tp-table .tp-big { font-size: 1.4rem; font-weight: 600; }
  .tp-table td.tp-version { white-space: normal; overflow-wrap: anywhere; font-size: .85rem; }
  .tp-table .tp-words { white-space: normal; overflow-wrap: anywhere; }
  .tp-table .tp-muted { opacity: .65; }
  .st-key-tp-next a { padding: .45rem .9rem; border-radius: 6px; max-width: 100%;
    border: 1px solid rgba(128, 138, 148, .5); }
  .st-key-tp-next a * { font-weight: 600; font-size: 1.1rem; white-space: normal; }
  .st-key-say-defect button { background: #b34b00; border-color: #b34b00; color: #fff; }
  .tp-scroll { overflow-x: auto; }
  .tp-long { max-height: 26rem; overflow-y: auto; }
  .tp-sheet { display: grid; gap: 1rem; grid-template-columns: repeat(4, minmax(0, 1fr)); }
  @media (max-width: 900px) { .tp-sheet { grid-template-columns: repeat(2, minmax(0, 1fr)); } }
  .tp-sheet a { color: inherit; text-decoration: none; }
  .tp-sheet a:hover .tp-pic, .tp-sheet a:focus-visible .tp-pic { outline: 3px solid #2f7fc0; }
  .tp-pic { position: relative; overflow: hidden; border-radius: 6px; margin-bottom: .6rem; }
  .tp-pic img { display: block; width: 100%; }
  .tp-pic .tp-heat { position: absolute; inset: 0; height: 100%; }
  .tp-card { line-height: 1.4; margin: 0 0 .6rem; }
  .tp-card .tp-score { font-size: 1.3rem; font-weight: 600; font-variant-numeric: tabular-nums; }
  .tp-card .tp-path { font-size: .9rem; opacity: .75; overflow-wrap: anywhere; }
  .tp-chip { display: inline-block; padding: 0 .55rem; margin-left: .5rem; border-radius: 1rem;
    font-size: .9rem; font-weight: 600; vertical-align: .15em; color: #14181c; }
  .tp-ok { background: #a9c8e2; } .tp-review { background: #f2bd55; }
  .tp-defect { background: #f08a4b; } .tp-unknown { background: #c3c9cf; }
</style>
"""
)
