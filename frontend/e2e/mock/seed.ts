import type { Ref } from '../../src/bridge/contract';
import { editId, fieldOf, make, records, refOf, type Stored, textOf } from './model';

const names = ['Ana Petrović', 'Jean-Baptiste Lefèvre-Dumoulin', 'Mia Schneider', 'Tomás Ortega', 'Chloé Martin', 'Deniz Yılmaz', 'Piotr Nowak', 'Sara Lindqvist'];
const subjects = [
  'VPN drops every hour', 'Printer on the second floor is offline', 'Cannot sign in after password change', 'Outlook asks for credentials again and again', 'Laptop does not wake from sleep', 'Shared drive is read-only for the finance team',
  'Wi-Fi in meeting room Jura is very slow since the access point was moved last Thursday', 'Monitor flickers', 'Need access to the payroll folder', 'Phone has no dial tone', 'Scanner to e-mail fails with 550', 'Disk almost full on file server LYO-FS01',
];
const tagPool = ['vpn', 'vip', 'printer', 'onsite', 'windows-11', 'follow-up'];
const hour = 3_600_000;

export let me: Ref = { id: '', title: '', kind: 'person' };

export function seedPeople(): void {
  const team = make('team', { title: 'Service desk', description: 'First line.' }, { number: 1 });
  const net = make('team', { title: 'Network and connectivity operations', description: '' }, { number: 2 });
  make('site', { title: 'Lyon branch office', code: 'LYO', zone: 'Europe/Paris' });
  names.forEach((title, i) => {
    const person = make('person', { title, login: title.split(' ')[0]?.toLowerCase() ?? '', email: `${String(i)}@example.org`, team: (i % 3 === 0 ? net : team).view.id, roles: ['technician'], active: true, site: 'LYO' });
    if (i === 0) me = refOf(person.view.id) ?? me;
  });
  for (const one of [team, net]) {
    const field = fieldOf(one, 'members');
    if (field !== undefined) field.value = [...records.values()].filter((r) => r.view.kind === 'person' && textOf(r, 'team') === one.view.id).map((r) => r.view.id);
  }
  const starters: [string, string, string][] = [['E-mail and collaboration', 'Mailboxes, calendars, shared documents.', 'live'], ['Network and connectivity', 'Wired and wireless network, VPN.', 'live'], ['Storage and backup', 'File shares and daily backup.', 'live'], ['Cloud computing', 'Virtual machines and platforms.', 'pipeline'], ['Web hosting and CDN', 'Public web sites.', 'pipeline'], ['Fax server', 'Replaced by scan to e-mail.', 'retired']];
  starters.forEach(([title, description, stage], i) => make('service', { title, description, features: '- 25 GB mailbox\n- Mobile access', stage, owner: stage === 'live' ? me.id : null, team: stage === 'live' ? team.view.id : null, sla: stage === 'live' ? 'standard' : null, continuity_class: i === 0 ? 'a' : null, price_model: 'monthly', price: 450 + i * 100, currency: 'EUR', category: i < 2 ? 'Communication' : 'Infrastructure' }, { number: i + 1 }));
  ['Reset a VPN token', 'Connect a printer', 'What to do when Outlook asks for a password', 'Order a laptop'].forEach((title, i) => make('article', { title, body: `# ${title}\n\n1. Open the **portal**.\n2. Choose *${title}*.\n\n> Ask the service desk when in doubt.\n\n\`\`\`\nipconfig /flushdns\n\`\`\``, status: i === 3 ? 'draft' : 'published', owner: me.id, category: 'How-to', helpful: 12 - i, tags: ['howto'] }, { number: i + 1, by: me }));
}

export function seedTickets(count: number): void {
  const people = [...records.values()].filter((r) => r.view.kind === 'person');
  const teams = [...records.values()].filter((r) => r.view.kind === 'team');
  const services = [...records.values()].filter((r) => r.view.kind === 'service');
  const at = <T>(list: readonly T[], i: number): T => list[i % list.length] as T;
  for (let i = 0; i < count; i++) {
    const by = refOf(at(people, i * 7 + 3).view.id);
    const status = at(['new', 'in_progress', 'in_progress', 'on_hold', 'new', 'resolved', 'closed'], i * 5 + (i >> 3));
    const level = at(['moderate', 'low', 'high', 'moderate', 'critical', 'low'], i * 3 + (i >> 4));
    const stored = make(i % 6 === 5 ? 'request' : 'incident', {
      title: at(subjects, i * 5 + (i >> 2)), description: 'It began this morning.\n\n- happens on **two** laptops\n- MAC `00:1A:2B:3C:4D:5E`', status, priority: level, impact: at(['high', 'medium', 'low'], i), urgency: at(['medium', 'high', 'low'], i >> 1),
      category: at(['network', 'hardware', 'software', 'access'], i), channel: at(['phone', 'walk_in', 'mail'], i), caller: at(people, i + 2).view.id, assignee: i % 4 === 1 ? null : at(people, i % 3 === 0 ? 0 : i).view.id, team: at(teams, i).view.id, service: at(services, i).view.id,
      tags: i % 3 === 0 ? [at(tagPool, i), at(tagPool, i + 2)] : [], location: 'Floor 2',
    }, { by, at: new Date(Date.now() - i * hour * 1.7 - 200_000).toISOString(), number: count - i });
    stored.due = status === 'closed' || status === 'resolved' ? null : new Date(Date.now() + (((i * 37) % 90) - 12) * hour * 0.8).toISOString();
    if (count <= 5000) talk(stored, by ?? me);
  }
}

function talk(stored: Stored, by: Ref): void {
  const base = Date.parse(stored.view.createdAt);
  const say = (kind: 'reply' | 'note', text: string, minutes: number, who: Ref) => stored.entries.push({ item: editId(), kind, text, by: who, at: new Date(base + minutes * 60_000).toISOString(), pending: false });
  const row = (field: string, label: string, from: string, to: string, minutes: number) => stored.history.push({ edit: editId(), commit: '12', at: new Date(base + minutes * 60_000).toISOString(), by, device: { id: 'd1', name: 'ana-laptop' }, action: 'edit', field, label, fromDisplay: from, toDisplay: to, result: 'applied' });
  row('status', 'Status', 'New', 'In progress', 4);
  row('impact', 'Impact', 'Low', 'Medium', 6);
  say('reply', 'Thank you for calling. I am looking into it and will **call you back** before noon.', 12, me);
  say('note', 'Switch `LYO-SW-02` port 14 shows CRC errors.', 30, by);
  row('assignee', 'Assignee', '', by.title, 31);
}

/** Puts every kind of trouble onto the first tickets. */
export function seedTrouble(): void {
  const open = [...records.values()].filter((r) => r.view.kind === 'incident').slice(0, 4);
  const mia = refOf([...records.values()].find((r) => r.view.title.startsWith('Mia'))?.view.id ?? null) ?? me;
  const [first, second, third] = open;
  if (first === undefined || second === undefined || third === undefined) return;
  const held = (value: string, display: string) => ({ edit: editId(), value, display, by: mia, at: new Date(Date.now() - 40 * 60_000).toISOString(), device: 'mia-tablet' });
  fieldOf(first, 'title')?.conflicts.push(held('VPN drops every hour for all of finance', 'VPN drops every hour for all of finance'));
  fieldOf(first, 'impact')?.conflicts.push(held('high', 'High'));
  first.parked.push({ edit: editId(), record: refOf(first.view.id) ?? me, action: 'resolve', reason: { code: 'transition', sentence: 'Mia had already put this ticket on hold when your change arrived, so it could not be resolved.' }, by: me, at: new Date(Date.now() - 25 * 60_000).toISOString(), device: 'ana-laptop', texts: [{ field: 'resolution_text', label: 'resolution_text', text: 'Replaced the token and tested for ten minutes with the caller on the phone.' }], mine: true, kept: true });
  for (const stored of [second, third]) {
    stored.view.pending = 2;
    stored.view.number = stored === third ? null : stored.view.number;
    for (const name of ['title', 'urgency']) {
      const field = fieldOf(stored, name);
      if (field !== undefined) field.pending = true;
    }
    stored.entries.push({ item: editId(), kind: 'note', text: 'Written while offline.', by: me, at: new Date().toISOString(), pending: true });
  }
}
