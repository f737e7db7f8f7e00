// What only the browser can do for the desktop: dragging windows, keys, the clipboard, what it keeps for a person.
(() => {
  const desk = () => document.getElementById("desk");
  const snapDistance = 12;
  let page = null;

  function size() {
    const area = desk() ?? document.documentElement;
    return [area.clientWidth, area.clientHeight];
  }

  // The half or quarter a pointer at the desktop's edge asks for.
  function placeAt(x, y) {
    const [width, height] = size();
    const vertical = y < height / 4 ? "top-" : y > height * 3 / 4 ? "bottom-" : "";
    if (x < snapDistance) return vertical + "left";
    if (x > width - snapDistance) return vertical + "right";
    return y < snapDistance ? "full" : null;
  }

  function preview(place) {
    const shade = document.getElementById("snap-preview");
    shade.hidden = !place;
    shade.dataset.place = place ?? "";
  }

  function follow(event, move, done) {
    const finish = () => {
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", finish);
      removeEventListener("pointercancel", finish);
      document.body.classList.remove("dragging");
      done();
    };
    document.body.classList.add("dragging");
    addEventListener("pointermove", move);
    addEventListener("pointerup", finish);
    addEventListener("pointercancel", finish);
    event.preventDefault();
  }

  function rectOf(frame) {
    return [frame.offsetLeft, frame.offsetTop, frame.offsetWidth, frame.offsetHeight].map(Math.round);
  }

  function drag(event, frame) {
    const area = desk().getBoundingClientRect();
    let [left, top, width] = rectOf(frame);
    const startX = event.clientX, startY = event.clientY;
    let moved = false, place = null;
    follow(event, e => {
      if (!moved && Math.hypot(e.clientX - startX, e.clientY - startY) < 4) return;
      if (!moved && frame.dataset.place !== "normal") {
        // Torn off its edge: back to its own size, under the pointer.
        const own = Number(frame.dataset.width);
        left = startX - area.left - own * ((startX - area.left - left) / width);
        Object.assign(frame.style, { width: own + "px", height: frame.dataset.height + "px" });
        frame.dataset.place = "normal";
      }
      moved = true;
      frame.style.left = left + e.clientX - startX + "px";
      frame.style.top = Math.max(0, top + e.clientY - startY) + "px";
      place = placeAt(e.clientX - area.left, e.clientY - area.top);
      preview(place);
    }, () => {
      preview(null);
      if (!moved) return;
      page.invokeMethodAsync("WindowMoved", frame.dataset.window, ...rectOf(frame)).then(() => {
        if (place) page.invokeMethodAsync("WindowPlaced", frame.dataset.window, place);
      });
    });
  }

  function resize(event, frame, edge) {
    if (frame.dataset.place !== "normal") return;
    const [left, top, width, height] = rectOf(frame);
    const startX = event.clientX, startY = event.clientY;
    follow(event, e => {
      const dx = e.clientX - startX, dy = e.clientY - startY;
      const w = Math.max(320, width + (edge.includes("e") ? dx : edge.includes("w") ? -dx : 0));
      const h = Math.max(240, height + (edge.includes("s") ? dy : edge.includes("n") ? -dy : 0));
      Object.assign(frame.style, {
        width: w + "px", height: h + "px",
        left: (edge.includes("w") ? left + width - w : left) + "px",
        top: (edge.includes("n") ? Math.max(0, top + height - h) : top) + "px",
      });
    }, () => page.invokeMethodAsync("WindowMoved", frame.dataset.window, ...rectOf(frame)));
  }

  addEventListener("pointerdown", event => {
    if (!page || event.button !== 0) return;
    const frame = event.target.closest?.(".window");
    const edge = event.target.closest?.("[data-resize]");
    const bar = event.target.closest?.("[data-drag]");
    if (frame && edge) resize(event, frame, edge.dataset.resize);
    else if (frame && bar && !event.target.closest("button, a, input")) drag(event, frame);
  });

  // An open menu closes when anything else, or one of its own items, is chosen.
  addEventListener("click", event => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      const isInside = menu.contains(event.target);
      if (isInside && event.target.closest("summary, [data-stay]")) continue;
      menu.open = false;
    }
  });

  addEventListener("toggle", event => {
    const menu = event.target;
    if (!menu.matches?.("details.menu[open]")) return;
    const items = menu.querySelector(".menu-items");
    items.classList.toggle("up", items.getBoundingClientRect().bottom > innerHeight - 8);
  }, true);

  function search(event) {
    event.preventDefault();
    const dialog = document.getElementById("search");
    if (dialog.open) return dialog.close();
    const text = document.getElementById("search-text");
    text.value = "";
    text.dispatchEvent(new Event("input", { bubbles: true }));
    dialog.showModal();
  }

  addEventListener("click", event => {
    const dialog = document.getElementById("search");
    if (event.target.closest?.("[data-search]")) search(event);
    else if (dialog?.open && (event.target === dialog || event.target.closest("#search-results li"))) dialog.close();
  });

  // What a page needs of the browser as soon as it shows it is read off the page, not told: what is told can get lost.
  function appeared(element) {
    if (element.matches("dialog[data-modal]") && !element.open) element.showModal();
    if (element.matches("[data-log-url]")) sealos.logs.start(element, element.dataset.logUrl);
  }

  const wanted = "dialog[data-modal], [data-log-url]";
  new MutationObserver(changes => {
    for (const change of changes) {
      if (change.type === "attributes") appeared(change.target);
      if (change.target.matches("[data-log-lines]")) continue;
      for (const node of change.removedNodes) {
        for (const log of node.querySelectorAll?.("[data-log-url]") ?? []) sealos.logs.stop(log);
        if (node.matches?.("[data-log-url]")) sealos.logs.stop(node);
      }
      for (const node of change.addedNodes) {
        if (node.matches?.(wanted)) appeared(node);
        for (const inner of node.querySelectorAll?.(wanted) ?? []) appeared(inner);
      }
    }
  }).observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-log-url"] });

  const placeKeys = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "full", ArrowDown: "minimize" };
  addEventListener("keydown", event => {
    if (!page) return;
    const key = event.key.toLowerCase();
    let pressed = null;
    if ((event.ctrlKey || event.metaKey) && key === "k") return search(event);
    if (event.target.id === "search-text" && event.key === "Enter") return document.getElementById("search").close();
    if (event.altKey && !event.ctrlKey && key === "w") pressed = "close";
    else if (event.ctrlKey && event.altKey) pressed = placeKeys[event.key] ?? null;
    if (pressed) {
      event.preventDefault();
      page.invokeMethodAsync("KeyPressed", pressed);
    } else if (event.key === "Escape") {
      document.querySelector("details.menu[open]")?.removeAttribute("open");
    }
  });

  let resized = 0;
  addEventListener("resize", () => {
    cancelAnimationFrame(resized);
    resized = requestAnimationFrame(() => page?.invokeMethodAsync("DeskResized", ...size()));
  });

  // The server no longer knows this page, for example because it was restarted: windows and addresses are kept, so a new one is as good.
  const trouble = document.getElementById("components-reconnect-modal");
  new MutationObserver(() => {
    if (trouble.classList.contains("components-reconnect-rejected")) location.reload();
  }).observe(trouble, { attributes: true, attributeFilter: ["class"] });

  addEventListener("click", event => {
    if (event.target.closest?.("[data-reload]")) location.reload();
    const button = event.target.closest?.("[data-copy]");
    if (button) copy(button);
  });

  // Here and not by the server: browsers let a page copy only while it answers a person's click.
  async function copy(button) {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch {
      return;
    }
    const label = button.ariaLabel;
    button.ariaLabel = "Copied";
    button.classList.add("copied");
    setTimeout(() => { button.ariaLabel = label; button.classList.remove("copied"); }, 1500);
  }

  const storage = forTab => forTab ? sessionStorage : localStorage;
  window.sealos = {
    start(dotnet) {
      page = dotnet;
      return [innerWidth, innerHeight - 44];
    },
    keep(key, text, forTab) {
      if (text === null) storage(forTab).removeItem(key);
      else storage(forTab).setItem(key, text);
    },
    kept: (key, forTab) => storage(forTab).getItem(key),
    focus(selector) {
      const found = document.querySelector(selector);
      found?.focus();
      found?.select?.();
    },
    closeDialog: dialog => dialog.close(),
    save(name, text) {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([text], { type: "application/octet-stream" }));
      link.download = name;
      link.click();
      URL.revokeObjectURL(link.href);
    },
    toggleTheme() {
      const root = document.documentElement;
      root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
      localStorage.setItem("theme", root.dataset.theme);
    },
  };
})();
