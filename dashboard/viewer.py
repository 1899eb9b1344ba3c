"""A picture at its full resolution, to zoom into and to move about, with its heat map over it."""

from __future__ import annotations

import io

import numpy as np
import streamlit as st
from PIL import Image

from dashboard.frame import View
from dashboard.pictures import address_of, tint
from technopro.errors import ImageRejected, ObjectMissing
from technopro.intake import decode, image_key

MOST_PIXELS = 16_000_000  # sent to a browser; beyond it the picture is shrunk, and it says so
KEPT = 64  # pictures in memory, up to a few megabytes each

HTML = """
<div class="frame" tabindex="0" role="group">
  <div class="sheet"><img class="picture" alt=""><img class="heat" alt=""></div>
  <div class="bar"><button class="out">&minus;</button><output class="scale"></output
  ><button class="in">+</button><button class="all"></button></div>
</div>
"""

CSS = """
.frame { position: relative; height: var(--height); overflow: hidden; border-radius: 6px;
  background: var(--st-secondary-background-color); touch-action: none; cursor: grab; }
.frame:focus-visible { outline: 3px solid var(--st-primary-color); outline-offset: -3px; }
.sheet { position: absolute; left: 0; top: 0; transform-origin: 0 0; }
.sheet img { display: block; max-width: none; user-select: none; -webkit-user-drag: none; }
.sheet .heat { position: absolute; inset: 0; width: 100%; height: 100%; pointer-events: none; }
.bar { position: absolute; right: .5rem; bottom: .5rem; display: flex; align-items: center;
  gap: .25rem; padding: .2rem .3rem; border-radius: 6px; font: 600 1rem var(--st-font);
  background: var(--st-background-color); color: var(--st-text-color); }
.bar button { font: inherit; color: inherit; min-width: 2.4rem; min-height: 2.4rem; cursor: pointer;
  border: 1px solid var(--st-border-color); border-radius: 6px; background: transparent; }
.bar output { min-width: 4rem; text-align: center; font-variant-numeric: tabular-nums; }
"""

JS = """
export default function ({ data, parentElement }) {
  const find = (name) => parentElement.querySelector("." + name)
  const [frame, sheet, picture, heat] = ["frame", "sheet", "picture", "heat"].map(find)
  frame.style.setProperty("--height", data.height)
  frame.setAttribute("aria-label", data.alt)
  find("in").setAttribute("aria-label", data.words.closer)
  find("out").setAttribute("aria-label", data.words.farther)
  find("all").textContent = data.words.whole
  heat.style.display = data.heat ? "" : "none"
  heat.style.opacity = data.opacity
  if (data.heat && heat.src !== data.heat) heat.src = data.heat
  if (frame.shown === data.picture) return
  frame.shown = data.picture

  let scale = 1, x = 0, y = 0, least = 1
  const draw = () => {
    const clamp = (at, size, room) =>
      size <= room ? (room - size) / 2 : Math.min(0, Math.max(room - size, at))
    x = clamp(x, picture.naturalWidth * scale, frame.clientWidth)
    y = clamp(y, picture.naturalHeight * scale, frame.clientHeight)
    sheet.style.transform = `translate(${x}px, ${y}px) scale(${scale})`
    picture.style.imageRendering = scale >= 4 && scale > least * 1.01 ? "pixelated" : "auto"
    find("scale").textContent = Math.round(scale * 100) + " %"
  }
  const zoom = (factor, at) => {
    const wanted = Math.min(16, Math.max(least, scale * factor))
    const [cx, cy] = at ?? [frame.clientWidth / 2, frame.clientHeight / 2]
    x = cx - (cx - x) * wanted / scale
    y = cy - (cy - y) * wanted / scale
    scale = wanted
    draw()
  }
  const whole = () => {
    least = Math.min(frame.clientWidth / picture.naturalWidth,
                     frame.clientHeight / picture.naturalHeight)
    scale = least
    draw()
  }
  const place = (event) => {
    const box = frame.getBoundingClientRect()
    return [event.clientX - box.left, event.clientY - box.top]
  }
  picture.onload = whole
  picture.src = data.picture
  find("in").onclick = () => zoom(1.5)
  find("out").onclick = () => zoom(1 / 1.5)
  find("all").onclick = whole
  frame.onwheel = (event) => {
    event.preventDefault()
    zoom(event.deltaY < 0 ? 1.2 : 1 / 1.2, place(event))
  }
  frame.ondblclick = (event) => (scale > least * 1.01 ? whole() : zoom(4, place(event)))
  const held = new Map()
  frame.onpointerdown = (event) => {
    if (event.target.closest(".bar")) return
    frame.setPointerCapture(event.pointerId)
    held.set(event.pointerId, place(event))
  }
  frame.onpointermove = (event) => {
    if (!held.has(event.pointerId)) return
    const before = held.get(event.pointerId), now = place(event)
    const other = [...held.entries()].find(([id]) => id !== event.pointerId)?.[1]
    held.set(event.pointerId, now)
    if (other) {
      const apart = (p) => Math.hypot(p[0] - other[0], p[1] - other[1])
      zoom(apart(now) / Math.max(1, apart(before)), other)
    } else {
      x += now[0] - before[0]
      y += now[1] - before[1]
      draw()
    }
  }
  frame.onpointerup = frame.onpointercancel = (event) => held.delete(event.pointerId)
  const steps = { "+": () => zoom(1.5), "-": () => zoom(1 / 1.5), 0: whole,
    ArrowLeft: () => { x += 60; draw() }, ArrowRight: () => { x -= 60; draw() },
    ArrowUp: () => { y += 60; draw() }, ArrowDown: () => { y -= 60; draw() } }
  frame.onkeydown = (event) => {
    if (!steps[event.key]) return
    event.preventDefault()
    steps[event.key]()
  }
  new ResizeObserver(() => (scale <= least * 1.01 ? whole() : draw())).observe(frame)
}
"""

_viewer = st.components.v2.component("technopro.viewer", html=HTML, css=CSS, js=JS)


def viewer(
    view: View,
    sha256: str,
    alt: str,
    *,
    heat: bytes | None = None,
    opacity: float = 0.0,
    height: str = "62vh",
    key: str = "viewer",
) -> None:
    """Show an image of the store, as high as CSS says; says so where it is gone.

    `heat` is a stored heat map (grey PNG), laid over with `opacity` of 0 to 1.
    """
    try:
        picture, share = _picture(view.plant.store.url, sha256, view)
    except (ObjectMissing, ImageRejected):
        st.write(view.say("no_picture_large"))
        return
    words = {name: view.say(f"zoom_{name}") for name in ("closer", "farther", "whole")}
    tinted = address_of(tint(heat), "png") if heat is not None and opacity > 0 else None
    _viewer(
        data={
            "picture": address_of(picture, "png"), "heat": tinted, "opacity": opacity, "alt": alt,
            "height": height, "words": words,
        },
        key=key,
    )  # fmt: skip
    if share < 1:
        st.caption(view.say("picture_shrunk", share=view.say.percent(share)))


@st.cache_data(max_entries=KEPT, show_spinner=False)
def _picture(store_url: str, sha256: str, _view: View) -> tuple[bytes, float]:
    """Return an image as lossless PNG, and its share of the original's side length."""
    pixels = decode(_view.plant.store.get(image_key(sha256)))
    return fitted(pixels, MOST_PIXELS)


def fitted(pixels: np.ndarray, most: int) -> tuple[bytes, float]:
    """Return (H, W, 3) uint8 as PNG of at most so many pixels, and by what share it was shrunk."""
    height, width = pixels.shape[:2]
    share = min(1.0, (most / (height * width)) ** 0.5)
    image = Image.fromarray(pixels)
    if share < 1:
        image = image.resize((int(width * share), int(height * share)), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue(), share
