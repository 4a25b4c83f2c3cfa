"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const collator = new Intl.Collator("en", { numeric: true });
  const isNumber = (column) => column.kind === "money" || column.kind === "count";

  // Amounts are exact texts of two decimals: as whole cents in a BigInt they stay exact.
  const cents = (text) => BigInt(text.replace(".", ""));
  const grouped = (digits) => digits.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  const ofCents = (value) => {
    const digits = (value < 0n ? -value : value).toString().padStart(3, "0");
    return `${value < 0n ? "-" : ""}${grouped(digits.slice(0, -2))}.${digits.slice(-2)}`;
  };
  const shown = (value, column) => {
    if (value === null) return "";
    if (value === true) return "yes";
    if (value === false) return "no";
    if (column.kind === "money") return ofCents(cents(value));
    return column.kind === "count" ? grouped(String(value)) : String(value);
  };

  class FigureTable {
    constructor(element) {
      this.element = element;
      ({ columns: this.columns, rows: this.rows } = data[element.dataset.table]);
      this.body = element.querySelector("tbody");
      this.foot = element.querySelector("tfoot");
      this.search = element.querySelector("[data-search]");
      this.filters = [...element.querySelectorAll("[data-filter]")];
      this.size = element.querySelector("[data-size]");
      this.range = element.querySelector("[data-range]");
      this.previous = element.querySelector("[data-previous]");
      this.next = element.querySelector("[data-next]");
      this.texts = null;
      this.chosen = this.rows.map((_, index) => index);
      this.order = null;
      this.page = 0;
      this.prepare();
      this.draw();
    }

    prepare() {
      for (const filter of this.filters) {
        const index = this.columns.findIndex((column) => column.name === filter.dataset.column);
        filter.dataset.index = index;
        const values = new Set(this.rows.map((row) => row[index]));
        for (const value of [...values].map((one) => shown(one, this.columns[index])).sort(collator.compare)) {
          filter.append(new Option(value === "" ? "(none)" : value, `=${value}`));
        }
        filter.addEventListener("change", () => this.choose());
      }
      for (const head of this.element.querySelectorAll("th[data-index]")) {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = head.textContent;
        button.addEventListener("click", () => this.sort(head));
        head.replaceChildren(button);
      }
      this.search.addEventListener("input", () => this.choose());
      this.size.addEventListener("change", () => this.turn(0));
      this.previous.addEventListener("click", () => this.turn(this.page - 1));
      this.next.addEventListener("click", () => this.turn(this.page + 1));
      this.element.querySelector(".controls").hidden = false;
    }

    choose() {
      const wanted = this.filters
        .filter((filter) => filter.value !== "")
        .map((filter) => [Number(filter.dataset.index), filter.value.slice(1)]);
      const sought = this.search.value.trim().toLowerCase();
      if (sought && this.texts === null) {
        this.texts = this.rows.map((row) => row.filter((value) => value !== null).join("\n").toLowerCase());
      }
      this.chosen = [];
      for (let index = 0; index < this.rows.length; index++) {
        const row = this.rows[index];
        if (sought && !this.texts[index].includes(sought)) continue;
        if (wanted.every(([column, value]) => shown(row[column], this.columns[column]) === value)) {
          this.chosen.push(index);
        }
      }
      this.arrange();
      this.turn(0);
    }

    sort(head) {
      const index = Number(head.dataset.index);
      const first = isNumber(this.columns[index]) ? "descending" : "ascending";
      const other = first === "descending" ? "ascending" : "descending";
      const direction = head.getAttribute("aria-sort") === first ? other : first;
      for (const one of this.element.querySelectorAll("th[aria-sort]")) one.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", direction);
      const column = this.columns[index];
      const key = (value) => (value === null ? null : column.kind === "money" ? cents(value) : value);
      const compare = isNumber(column) || column.kind === "flag"
        ? (a, b) => (a < b ? -1 : a > b ? 1 : 0)
        : (a, b) => collator.compare(a, b);
      this.order = { keys: this.rows.map((row) => key(row[index])), compare, down: direction === "descending" };
      this.arrange();
      this.turn(0);
    }

    // Rows without a value come last either way; rows that are equal stay in their order.
    arrange() {
      if (this.order === null) return;
      const { keys, compare, down } = this.order;
      this.chosen.sort((a, b) => {
        if (keys[a] === null || keys[b] === null) return (keys[a] === null) - (keys[b] === null) || a - b;
        return (down ? compare(keys[b], keys[a]) : compare(keys[a], keys[b])) || a - b;
      });
    }

    turn(page) {
      this.page = page;
      this.draw();
    }

    draw() {
      const size = Number(this.size.value);
      const count = this.chosen.length;
      const start = this.page * size;
      const end = Math.min(start + size, count);
      this.body.replaceChildren(...this.chosen.slice(start, end).map((index) => this.line(this.rows[index])));
      const of = count === this.rows.length ? "" : ` (of ${grouped(String(this.rows.length))})`;
      this.range.textContent = count === 0
        ? `no rows${of}`
        : `${grouped(String(start + 1))}–${grouped(String(end))} of ${grouped(String(count))}${of}`;
      this.previous.disabled = this.page === 0;
      this.next.disabled = end >= count;
      this.total();
    }

    line(row) {
      const line = document.createElement("tr");
      this.columns.forEach((column, index) => {
        const cell = line.insertCell();
        cell.textContent = shown(row[index], column);
        if (isNumber(column)) cell.className = "number";
      });
      return line;
    }

    // Sums are of one currency: of the rows chosen, where a column's unit is the same in all.
    total() {
      const line = document.createElement("tr");
      let any = false;
      this.columns.forEach((column, index) => {
        const cell = line.insertCell();
        if (index === 0) cell.textContent = "sum of all pages";
        if (column.kind !== "money" || this.chosen.length === 0) return;
        const unit = this.columns.findIndex((other) => other.name === column.unit);
        if (unit >= 0) {
          const first = this.rows[this.chosen[0]][unit];
          if (!this.chosen.every((row) => this.rows[row][unit] === first)) return;
        }
        let sum = 0n;
        for (const row of this.chosen) {
          const value = this.rows[row][index];
          if (value !== null) sum += cents(value);
        }
        cell.textContent = ofCents(sum);
        cell.className = "number";
        any = true;
      });
      this.foot.replaceChildren(...(any ? [line] : []));
    }
  }

  for (const element of document.querySelectorAll("[data-table]")) new FigureTable(element);
})();
