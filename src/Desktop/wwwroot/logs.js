// Streams a log into a view: bounded, following its end unless the reader has scrolled away, searchable.
(() => {
  const most = 5000;
  const running = new Map();
  const colour = /\x1b\[[0-9;]*[A-Za-z]/g;

  class LogView {
    constructor(root, url) {
      this.lines = root.querySelector("[data-log-lines]");
      this.end = root.querySelector("[data-log-end]");
      this.search = root.querySelector("[data-log-search]");
      this.count = root.querySelector("[data-log-count]");
      this.wrap = root.querySelector("[data-log-wrap]");
      this.stopped = new AbortController();
      this.follows = true;
      this.pending = [];
      this.lines.replaceChildren();
      this.lines.dataset.empty = "Nothing written yet.";
      const on = (target, name, act) => target.addEventListener(name, act, { signal: this.stopped.signal });
      on(this.lines, "scroll", () => this.scrolled());
      on(this.end, "click", () => { this.follows = true; this.toEnd(); });
      on(this.search, "input", () => this.filterAll());
      on(this.wrap, "change", () => this.lines.classList.toggle("no-wrap", !this.wrap.checked));
      this.read(url);
    }

    async read(url) {
      while (!this.stopped.signal.aborted) {
        try {
          const answer = await fetch(url, { signal: this.stopped.signal, headers: { Accept: "text/plain" } });
          if (answer.status === 401) return this.note("Your session has ended. Sign in again to see the logs.");
          if (answer.status === 403) return this.note("You may not see these logs.");
          if (answer.status === 404) return this.note("The app is gone.");
          if (answer.ok) {
            await this.pump(answer.body.pipeThrough(new TextDecoderStream()).getReader());
            return this.note("End of the logs.");
          }
        } catch (error) {
          if (this.stopped.signal.aborted) return;
        }
        this.lines.replaceChildren();
        await new Promise(done => setTimeout(done, 1000));
      }
    }

    async pump(reader) {
      let rest = "";
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        const parts = (rest + value).split("\n");
        rest = parts.pop();
        this.add(parts);
      }
      if (rest) this.add([rest]);
    }

    add(texts) {
      if (this.pending.length === 0 && texts.length > 0) requestAnimationFrame(() => this.flush());
      this.pending.push(...texts);

      // A tab in the background draws nothing, for hours.
      if (this.pending.length > 2 * most) this.pending.splice(0, this.pending.length - most);
    }

    flush() {
      const wanted = this.search.value.toLowerCase();
      const added = document.createDocumentFragment();
      for (const text of this.pending.slice(-most)) {
        const line = document.createElement("div");
        line.textContent = text.replace(colour, "") || "\u00a0";
        line.hidden = wanted !== "" && !line.textContent.toLowerCase().includes(wanted);
        added.append(line);
      }
      this.pending = [];
      this.lines.append(added);
      while (this.lines.childElementCount > most) this.lines.firstElementChild.remove();
      if (this.follows) this.toEnd();
      if (wanted) this.tell();
    }

    note(text) {
      this.flush();
      const line = document.createElement("div");
      line.className = "log-note";
      line.textContent = text;
      this.lines.append(line);
      if (this.follows) this.toEnd();
    }

    filterAll() {
      const wanted = this.search.value.toLowerCase();
      for (const line of this.lines.children) line.hidden = wanted !== "" && !line.textContent.toLowerCase().includes(wanted);
      this.tell();
      if (this.follows) this.toEnd();
    }

    tell() {
      const shown = [...this.lines.children].filter(line => !line.hidden).length;
      this.count.textContent = this.search.value ? `${shown} of ${this.lines.childElementCount} lines` : "";
    }

    scrolled() {
      this.follows = this.lines.scrollHeight - this.lines.scrollTop - this.lines.clientHeight < 24;
      this.end.hidden = this.follows;
    }

    toEnd() { this.lines.scrollTop = this.lines.scrollHeight; }
  }

  window.sealos.logs = {
    start(root, url) {
      this.stop(root);
      running.set(root, new LogView(root, url));
    },
    stop(root) {
      running.get(root)?.stopped.abort();
      running.delete(root);
    },
  };
})();
