/** Things that are to happen, the soonest first; of the same time, the one that was added first. */
export class Heap<T> {
  readonly #items: { at: number; number: number; item: T }[] = [];
  #number = 0;

  get size(): number {
    return this.#items.length;
  }

  add(at: number, item: T): void {
    const items = this.#items;
    let place = items.push({ at, number: this.#number++, item }) - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!this.#isSooner(place, parent)) break;
      this.#swap(place, parent);
      place = parent;
    }
  }

  take(): { at: number; item: T } | undefined {
    const items = this.#items;
    const [first] = items;
    const last = items.pop();
    if (!first || !items.length) return first;
    items[0] = last!;
    let place = 0;
    for (;;) {
      const [left, right] = [2 * place + 1, 2 * place + 2];
      let least = place;
      if (left < items.length && this.#isSooner(left, least)) least = left;
      if (right < items.length && this.#isSooner(right, least)) least = right;
      if (least === place) return first;
      this.#swap(place, least);
      place = least;
    }
  }

  #isSooner(one: number, other: number): boolean {
    const [a, b] = [this.#items[one]!, this.#items[other]!];
    return a.at < b.at || (a.at === b.at && a.number < b.number);
  }

  #swap(one: number, other: number): void {
    [this.#items[one], this.#items[other]] = [this.#items[other]!, this.#items[one]!];
  }
}
