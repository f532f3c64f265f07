import { useEffect, useRef } from 'react';
import { createStore } from '@/lib/store';

export interface Shortcut {
  /** a key ("c", "Escape"), a chord ("mod+k") or a sequence ("g t"); mod is Ctrl, and Command on a Mac */
  keys: string;
  label: string;
  group: 'everywhere' | 'list' | 'ticket' | 'go';
  run: () => void;
  /** also while a text field has the focus; chords only */
  whileTyping?: boolean;
}

/** What can be pressed now, for the sheet; later entries win. */
export const activeShortcuts = createStore<readonly { current: readonly Shortcut[] }[]>([]);

const sequenceMs = 1200;
let prefix = '';
let prefixAt = 0;

/** The name of a pressed key as shortcuts write it. */
export function chordOf(event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>): string {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const mod = event.ctrlKey || event.metaKey ? 'mod+' : '';
  const alt = event.altKey ? 'alt+' : '';
  const shift = event.shiftKey && event.key.length > 1 ? 'shift+' : '';
  return `${mod}${alt}${shift}${key}`;
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !['checkbox', 'radio', 'button', 'submit'].includes(target.type);
}

/** Keys that a button, menu or option under the focus uses itself. */
function isTaken(target: EventTarget | null, chord: string): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest('[role="menu"], [role="listbox"], [role="dialog"]') !== null) return true;
  if (chord !== 'Enter' && chord !== ' ') return false;
  return target.closest('button, a, input, summary, [role="button"], [role="tab"]') !== null;
}

export function handleKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || ['Shift', 'Control', 'Alt', 'Meta'].includes(event.key)) return;
  const chord = chordOf(event);
  const typing = isTyping(event.target);
  const now = event.timeStamp;
  const sequence = prefix !== '' && now - prefixAt < sequenceMs ? `${prefix} ${chord}` : '';
  prefix = '';
  const all = activeShortcuts.get().flatMap((layer) => layer.current).reverse();
  const usable = all.filter((one) => (typing ? one.whileTyping === true && one.keys.includes('+') : !isTaken(event.target, chord) || one.keys.includes('+')));
  const found = (sequence === '' ? undefined : usable.find((one) => one.keys === sequence)) ?? usable.find((one) => one.keys === chord);
  if (found !== undefined) {
    event.preventDefault();
    found.run();
    return;
  }
  if (usable.some((one) => one.keys.startsWith(`${chord} `))) {
    prefix = chord;
    prefixAt = now;
  }
}

/**
 * Makes shortcuts work while the component is on the screen. The list may be new on every render. Later ones go before earlier ones with the same keys;
 * below: all others go before these, because what frames a screen comes to the page after the screen in it.
 */
export function useShortcuts(list: readonly Shortcut[], below = false): void {
  const layer = useRef(list);
  useEffect(() => {
    layer.current = list;
  });
  useEffect(() => {
    activeShortcuts.set((before) => (below ? [layer, ...before] : [...before, layer]));
    return () => {
      activeShortcuts.set((before) => before.filter((one) => one !== layer));
    };
  }, [below]);
}
