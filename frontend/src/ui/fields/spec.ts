import type { Choice, FieldRule, FieldState, FieldType, Meta, Value } from '@/bridge/contract';
import { type Catalogue, fieldLabel } from '@/lib/i18n';
import { exactTime, parseInstant } from '@/lib/time';
import { choicesOf, targetOf } from '@/state/queries';

/** All that an input needs to know of a field. */
export interface FieldSpec {
  name: string;
  label: string;
  type: FieldType;
  rule: FieldRule;
  choices: Choice[];
  /** the kind that a reference points to */
  target: string;
  required: boolean;
}

interface Known {
  name: string;
  label: string;
  type: FieldType;
  rule?: FieldRule | undefined;
  choices?: Choice[] | null | undefined;
  target?: string | undefined;
  required?: boolean | undefined;
}

/** Completes what a form or a record says of a field by what the kind's definition says. */
export function specOf(t: Catalogue, meta: Meta | undefined, kind: string, field: Known): FieldSpec {
  const defined = meta?.kinds.find((one) => one.name === kind)?.fields.find((one) => one.name === field.name);
  const own = field.choices ?? [];
  const known = (own.length > 0 ? own : choicesOf(meta, kind, field.name)).map((one) => ({ ...one, label: t.common.word(one.label) }));
  const listed = known.length === 0 && field.type === 'text' ? listedChoices(meta, kind, field.name) : [];
  return {
    name: field.name,
    label: field.name === 'title' && peopleKinds.includes(kind) ? t.common.name : fieldLabel(t, field.name, field.label),
    type: listed.length > 0 ? 'choice' : field.type,
    rule: field.rule ?? defined?.rule ?? (['tags', 'watchers', 'members', 'roles', 'services', 'depends_on'].includes(field.name) ? 'set' : 'register'),
    choices: listed.length > 0 ? listed : known,
    target: field.target ?? targetOf(meta, kind, field.name),
    required: field.required ?? false,
  };
}

const peopleKinds: readonly string[] = ['person', 'team', 'site'];

/** Text fields that hold one of a known list: a site's code, and a site's time zone. */
function listedChoices(meta: Meta | undefined, kind: string, name: string): Choice[] {
  if (name === 'site') return (meta?.sites ?? []).map((site) => ({ key: site.code, label: `${site.name} (${site.code})` }));
  if (kind === 'site' && name === 'zone') return Intl.supportedValuesOf('timeZone').map((zone) => ({ key: zone, label: zone.replaceAll('_', ' ') }));
  return [];
}

/** Money is stored in hundredths of the currency's unit. */
export const moneyScale = 100;

/** A field's value in words. References are shown by what the program calls them. */
export function valueText(t: Catalogue, language: string, field: Pick<FieldState, 'type' | 'value' | 'display'>, choices: readonly Choice[]): string {
  const { value, type, display } = field;
  if (value === null || value === '' || (Array.isArray(value) && value.length === 0)) return '';
  if (Array.isArray(value)) return display !== undefined && display !== '' ? display : value.map((one) => labelOf(choices, one)).join(', ');
  switch (type) {
    case 'flag':
      return value === true ? t.common.yes : t.common.no;
    case 'instant': {
      const at = parseInstant(String(value));
      return at === null ? String(value) : exactTime(at, language);
    }
    case 'money':
      return (Number(value) / moneyScale).toLocaleString(language, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
    case 'integer':
      return Number(value).toLocaleString(language);
    case 'choice':
      return display !== undefined && display !== '' ? t.common.word(display) : labelOf(choices, String(value));
    case 'ref':
      return display ?? '';
    default:
      return String(value);
  }
}

export function labelOf(choices: readonly Choice[], key: string): string {
  return choices.find((one) => one.key === key)?.label ?? key;
}

export function emptyValue(spec: Pick<FieldSpec, 'rule'>): Value {
  return spec.rule === 'set' ? [] : null;
}
