/** Where a person was in a list, for as long as the program is open. */
export interface ListPlace {
  scroll: number;
  cursor: number;
  selected: ReadonlySet<string>;
}

const places = new Map<string, ListPlace>();
const nowhere: ListPlace = { scroll: 0, cursor: 0, selected: new Set() };

export function placeIn(list: string): ListPlace {
  return places.get(list) ?? nowhere;
}

export function rememberPlace(list: string, part: Partial<ListPlace>): void {
  places.set(list, { ...placeIn(list), ...part });
}

/** The ids around a record in the list it was opened from, for going to the previous or next one. */
export interface Neighbours {
  ids: readonly string[];
  /** the address to go back to */
  from: string;
}

let neighbours: Neighbours = { ids: [], from: '/tickets' };

export function rememberNeighbours(next: Neighbours): void {
  neighbours = next;
}

export function neighboursOf(): Neighbours {
  return neighbours;
}
