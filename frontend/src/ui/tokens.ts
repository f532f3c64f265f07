/**
 * Every colour, size and duration of the interface. Colours come in pairs of light and dark; text on its background
 * reaches WCAG AA (4.5:1). Lengths follow a 4 px grid.
 */
export interface Pair {
  readonly light: string;
  readonly dark: string;
}

const pair = (light: string, dark: string): Pair => ({ light, dark });

export const colors = {
  /** page, sunken (sidebar, table head), raised (menus, cards), hover and selected rows */
  canvas: pair('#ffffff', '#15191c'),
  sunken: pair('#f5f7f8', '#101315'),
  raised: pair('#ffffff', '#1c2125'),
  hover: pair('#eef1f3', '#22282d'),
  selected: pair('#e0f0ef', '#143437'),
  line: pair('#e0e4e7', '#2a3137'),
  lineStrong: pair('#8a949c', '#66717a'),
  text: pair('#1a2025', '#e7eaec'),
  muted: pair('#56616a', '#a6b0b8'),
  faint: pair('#667079', '#8f9aa2'),
  accent: pair('#0b6664', '#5cc2b7'),
  accentSoft: pair('#e0f0ef', '#143437'),
  /** bad: breached or failed; risk: at risk or in conflict; good: met; busy: in progress; idle: waiting */
  bad: pair('#b3261e', '#ff8f85'),
  badSoft: pair('#fdeceb', '#3a1d1c'),
  risk: pair('#7d4e00', '#f1bb58'),
  riskSoft: pair('#fff5df', '#33280f'),
  riskLine: pair('#d9a43b', '#8a6a22'),
  good: pair('#1b6a36', '#74cf92'),
  goodSoft: pair('#e5f4ea', '#142f1e'),
  busy: pair('#1b57ab', '#8cb7ff'),
  busySoft: pair('#e8f0fb', '#182741'),
  idle: pair('#56616a', '#a6b0b8'),
  idleSoft: pair('#eef1f3', '#252b30'),
  replySoft: pair('#f1f8f7', '#16272a'),
} as const satisfies Record<string, Pair>;

/** The accent as Mantine wants it: ten steps; 7 fills buttons in light, 8 in dark, both with white text above 4.5:1. */
export const accentSteps = [
  '#e6f4f3', '#cfe7e5', '#a3d2ce', '#74bcb6', '#4caaa2', '#2f9790', '#1a827c', '#0b6664', '#0f6f6b', '#084b4a',
] as const;

/** Greys for what Mantine draws by itself: 4 is the line round inputs, at 3:1 against the page. */
export const graySteps = ['#f5f7f8', '#eef1f3', '#e0e4e7', '#cfd5d9', '#8a949c', '#707b84', '#56616a', '#434c54', '#2c343a', '#1a2025'] as const;
export const darkSteps = ['#e7eaec', '#c9ced2', '#a6b0b8', '#8f9aa2', '#66717a', '#343c43', '#1c2125', '#15191c', '#101315', '#0b0d0f'] as const;

export const space = { 1: '4px', 2: '8px', 3: '12px', 4: '16px', 5: '20px', 6: '24px', 8: '32px', 12: '48px' } as const;

export const type = { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px', xxl: '28px' } as const;

export const lineHeight = '1.45';
export const radius = '6px';
export const motion = '120ms';
export const fontText = "'Inter Variable', system-ui, sans-serif";
export const fontCode = "'JetBrains Mono Variable', ui-monospace, monospace";

export const layout = {
  sidebar: '220px',
  sidebarFolded: '56px',
  topbar: '48px',
  /** width from which a ticket has two columns */
  twoColumns: '1100px',
  properties: '320px',
} as const;

export const shadows = {
  floating: pair('0 1px 2px rgb(20 30 40 / 8%), 0 8px 24px rgb(20 30 40 / 14%)', '0 1px 2px rgb(0 0 0 / 50%), 0 8px 28px rgb(0 0 0 / 55%)'),
} as const;

export const rowHeight = { comfortable: 36, compact: 28 } as const;

export type ColorName = keyof typeof colors;

/** What a colour means; each meaning also carries an icon and a word where it is shown. */
export type Tone = 'bad' | 'risk' | 'good' | 'busy' | 'idle' | 'accent';
