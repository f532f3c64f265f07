import { anzahl, area, count } from '../area';

export const frame = area(
  {
    product: 'Holdfast', navigation: 'Main navigation', skip: 'Skip to content', fold: 'Fold the sidebar', unfold: 'Unfold the sidebar',
    searchOrCommand: 'Search or run a command…', newTicket: 'New ticket', new: 'New', shortcuts: 'Keyboard shortcuts', profile: 'You and this device',
    myWork: 'My work', tickets: 'Tickets', requests: 'Requests', catalogue: 'Catalogue', knowledge: 'Knowledge', people: 'People', sync: 'Sync', configuration: 'Configuration',
    exchange: 'Import & export', settings: 'Settings', signedInAs: (who: string) => `Working as ${who}`, deviceAt: (device: string, site: string) => `${device}, site ${site}`,
    newIncident: 'Incident', newRequest: 'Request', newService: 'Service', newArticle: 'Article', newPerson: 'Person', newTeam: 'Team',
    newIncidentHint: 'Something is broken', newRequestHint: 'Someone needs something',
    chip: {
      up_to_date: 'Up to date', sharing: 'Sharing…', paused: 'Working offline', pausedSince: (at: string) => `Working offline since ${at}`, cut_off: 'Cut off', cutOffSince: (at: string) => `Cut off since ${at}`,
      waiting: (n: number) => `${count(n, 'change', 'changes')} waiting`, decisions: (n: number) => `${n.toLocaleString('en')} ${n === 1 ? 'needs' : 'need'} your decision`,
      unknown: 'Checking…', label: (state: string) => `Sync: ${state}`, unreachable: 'Not answering',
    },
    outage: {
      title: 'What changes while you are cut off', since: (at: string) => `Cut off since ${at}. Everything you do is kept.`, sinceUnknown: 'Cut off. Everything you do is kept.', reachable: (names: string) => `Reachable from here: ${names}.`, nobody: 'Nobody is reachable from here.',
      waiting: (n: number) => `${count(n, 'change waits', 'changes wait')} to be shared.`, undecided: 'New tickets get their final number, and who takes a ticket is decided, when you are back.', more: 'Open Sync', hide: 'Hide this note',
    },
    short: { title: 'Sync', open: 'Open Sync', decide: 'Decide now', waiting: 'Waiting to be shared', decisions: 'Need a decision', peers: 'Reachable now', nobody: 'Nobody', workOffline: 'Work offline' },
    theme: { title: 'Theme', system: 'As the system', light: 'Light', dark: 'Dark', switchTo: (name: string) => `Switch to ${name}` },
  },
  {
    product: 'Holdfast', navigation: 'Hauptnavigation', skip: 'Zum Inhalt', fold: 'Seitenleiste einklappen', unfold: 'Seitenleiste ausklappen',
    searchOrCommand: 'Suchen oder Befehl ausführen…', newTicket: 'Neues Ticket', new: 'Neu', shortcuts: 'Tastenkürzel', profile: 'Sie und dieses Gerät',
    myWork: 'Meine Arbeit', tickets: 'Tickets', requests: 'Anfragen', catalogue: 'Katalog', knowledge: 'Wissen', people: 'Personen', sync: 'Abgleich', configuration: 'Konfiguration',
    exchange: 'Import & Export', settings: 'Einstellungen', signedInAs: (who: string) => `Angemeldet als ${who}`, deviceAt: (device: string, site: string) => `${device}, Standort ${site}`,
    newIncident: 'Störung', newRequest: 'Anfrage', newService: 'Service', newArticle: 'Artikel', newPerson: 'Person', newTeam: 'Team',
    newIncidentHint: 'Etwas ist kaputt', newRequestHint: 'Jemand braucht etwas',
    chip: {
      up_to_date: 'Aktuell', sharing: 'Wird geteilt…', paused: 'Arbeitet offline', pausedSince: (at: string) => `Offline seit ${at}`, cut_off: 'Getrennt', cutOffSince: (at: string) => `Getrennt seit ${at}`,
      waiting: (n: number) => `${anzahl(n, 'Änderung wartet', 'Änderungen warten')}`, decisions: (n: number) => `${anzahl(n, 'Entscheidung', 'Entscheidungen')} offen`,
      unknown: 'Wird geprüft…', label: (state: string) => `Abgleich: ${state}`, unreachable: 'Keine Antwort',
    },
    outage: {
      title: 'Was sich ohne Verbindung ändert', since: (at: string) => `Getrennt seit ${at}. Alles, was Sie tun, bleibt erhalten.`, sinceUnknown: 'Getrennt. Alles, was Sie tun, bleibt erhalten.', reachable: (names: string) => `Von hier erreichbar: ${names}.`, nobody: 'Von hier ist niemand erreichbar.',
      waiting: (n: number) => `${anzahl(n, 'Änderung wartet', 'Änderungen warten')} aufs Teilen.`, undecided: 'Neue Tickets bekommen ihre endgültige Nummer, und wer ein Ticket übernimmt, steht fest, sobald Sie wieder verbunden sind.', more: 'Abgleich öffnen', hide: 'Diesen Hinweis ausblenden',
    },
    short: { title: 'Abgleich', open: 'Abgleich öffnen', decide: 'Jetzt entscheiden', waiting: 'Warten aufs Teilen', decisions: 'Brauchen eine Entscheidung', peers: 'Jetzt erreichbar', nobody: 'Niemand', workOffline: 'Offline arbeiten' },
    theme: { title: 'Erscheinungsbild', system: 'Wie das System', light: 'Hell', dark: 'Dunkel', switchTo: (name: string) => `Zu ${name} wechseln` },
  },
);

export const palette = area(
  {
    title: 'Search and commands', placeholder: 'Search tickets, services, articles, people, or type a command', records: 'Records', commands: 'Commands', places: 'Go to', recent: 'Recently opened',
    nothing: (q: string) => `Nothing matches “${q}”.`, hint: 'Arrow keys choose, Enter opens, Escape closes', workOffline: 'Work offline', workOnline: 'Go back online',
    themeLight: 'Use the light theme', themeDark: 'Use the dark theme', showShortcuts: 'Show keyboard shortcuts', createFrom: (q: string) => `New ticket “${q}”`, tookMs: (ms: string) => `${ms}`,
  },
  {
    title: 'Suche und Befehle', placeholder: 'Tickets, Services, Artikel, Personen suchen oder einen Befehl eingeben', records: 'Datensätze', commands: 'Befehle', places: 'Gehe zu', recent: 'Zuletzt geöffnet',
    nothing: (q: string) => `Nichts passt zu „${q}“.`, hint: 'Pfeiltasten wählen, Enter öffnet, Escape schließt', workOffline: 'Offline arbeiten', workOnline: 'Wieder online gehen',
    themeLight: 'Helles Erscheinungsbild', themeDark: 'Dunkles Erscheinungsbild', showShortcuts: 'Tastenkürzel zeigen', createFrom: (q: string) => `Neues Ticket „${q}“`, tookMs: (ms: string) => `${ms}`,
  },
);

export const shortcuts = area(
  {
    title: 'Keyboard shortcuts', everywhere: 'Everywhere', list: 'In lists', ticket: 'On a ticket', then: 'then', go: 'Go to',
    palette: 'Search or run a command', search: 'Search', create: 'New ticket', help: 'Show this sheet', undo: 'Undo your last change', back: 'Go back',
    next: 'Next row', previous: 'Previous row', select: 'Select', openRow: 'Open', first: 'First row', last: 'Last row', editRow: 'Edit title', assign: 'Assign', status: 'Change status', reply: 'Reply', note: 'Write a note', take: 'Take it',
  },
  {
    title: 'Tastenkürzel', everywhere: 'Überall', list: 'In Listen', ticket: 'Auf einem Ticket', then: 'dann', go: 'Gehe zu',
    palette: 'Suchen oder Befehl ausführen', search: 'Suchen', create: 'Neues Ticket', help: 'Diese Übersicht zeigen', undo: 'Letzte eigene Änderung zurücknehmen', back: 'Zurück',
    next: 'Nächste Zeile', previous: 'Vorige Zeile', select: 'Auswählen', openRow: 'Öffnen', first: 'Erste Zeile', last: 'Letzte Zeile', editRow: 'Titel bearbeiten', assign: 'Zuweisen', status: 'Status ändern', reply: 'Antworten', note: 'Notiz schreiben', take: 'Übernehmen',
  },
);

export const setup = area(
  {
    welcome: 'Welcome to Holdfast', intro: 'Your service desk, on this computer. It keeps working without a network and shares with others when it can.',
    startTitle: 'Start a new site', startHint: 'You are the first here. Others can join later with an invite.', joinTitle: 'Join with an invite', joinHint: 'Your organisation already uses Holdfast and someone sent you an invite.',
    siteName: 'Site name', siteNameHint: 'What people call this place', siteNameExample: 'Lyon branch office', siteCode: 'Site code', siteCodeHint: '2 to 6 capital letters or digits, beginning with a letter; it stands in ticket numbers, such as INC-LYO-00042',
    siteCodeBad: 'Use 2 to 6 letters or digits, beginning with a letter.', yourName: 'Your name', yourNameHint: 'Shown beside everything you do', nameMissing: 'Please fill this in.',
    starter: 'Begin with the starter pack', starterHint: 'Common IT services, teams and categories, ready to change', sample: 'Add a few sample tickets', sampleHint: 'To look around; archive them when you are done',
    start: 'Start the site', starting: 'Setting up…', invite: 'Invite', inviteHint: 'Paste the whole text that you received', inviteMissing: 'Paste the invite first.', inviteExample: 'HF1-…',
    deviceName: 'Name of this device', deviceHint: 'So that others recognise it, such as “Ana’s laptop”', join: 'Join', joining: 'Joining…', folder: (path: string) => `Data is kept in ${path}`, version: (v: string) => `Version ${v}`,
    joinProgress: 'Asking for access and fetching the first data. You may leave this open.', choose: 'How do you want to begin?',
    encrypt: 'Encrypt the data on this computer', encryptHint: 'So that nobody reads your records from a lost disk. Opens by itself with this computer’s keyring. It can only be chosen now.',
    recoveryTitle: 'Write down the recovery code', recoveryWhy: 'The data on this computer is encrypted. Should its keyring or passphrase be lost, only this code opens it. It is shown this once and kept nowhere.', recoveryCode: 'Recovery code',
    recoveryKeep: 'Keep it on paper or in a password manager, away from this computer.', recoveryWritten: 'I have written it down', secretsTitle: 'Write down two things', secretsKeep: 'Keep both on paper or in a password manager, away from this computer.', secretsWritten: 'I have written both down', recoveryGo: 'Open Holdfast',
  },
  {
    welcome: 'Willkommen bei Holdfast', intro: 'Ihr Service Desk auf diesem Rechner. Er arbeitet ohne Netz weiter und teilt mit anderen, sobald es geht.',
    startTitle: 'Neuen Standort beginnen', startHint: 'Sie sind hier die erste Person. Andere können später mit einer Einladung dazukommen.', joinTitle: 'Mit Einladung beitreten', joinHint: 'Ihre Organisation nutzt Holdfast schon, und jemand hat Ihnen eine Einladung geschickt.',
    siteName: 'Name des Standorts', siteNameHint: 'Wie der Ort bei Ihnen heißt', siteNameExample: 'Niederlassung Lyon', siteCode: 'Kürzel des Standorts', siteCodeHint: '2 bis 6 Großbuchstaben oder Ziffern, zuerst ein Buchstabe; steht in Ticketnummern wie INC-LYO-00042',
    siteCodeBad: 'Bitte 2 bis 6 Buchstaben oder Ziffern, zuerst ein Buchstabe.', yourName: 'Ihr Name', yourNameHint: 'Steht neben allem, was Sie tun', nameMissing: 'Bitte ausfüllen.',
    starter: 'Mit dem Starterpaket beginnen', starterHint: 'Übliche IT-Services, Teams und Kategorien, frei änderbar', sample: 'Einige Beispieltickets anlegen', sampleHint: 'Zum Umsehen; danach einfach archivieren',
    start: 'Standort beginnen', starting: 'Wird eingerichtet…', invite: 'Einladung', inviteHint: 'Fügen Sie den ganzen Text ein, den Sie erhalten haben', inviteMissing: 'Bitte zuerst die Einladung einfügen.', inviteExample: 'HF1-…',
    deviceName: 'Name dieses Geräts', deviceHint: 'Damit andere es erkennen, etwa „Anas Laptop“', join: 'Beitreten', joining: 'Tritt bei…', folder: (path: string) => `Die Daten liegen in ${path}`, version: (v: string) => `Version ${v}`,
    joinProgress: 'Bittet um Zugang und holt die ersten Daten. Sie können das Fenster offen lassen.', choose: 'Wie möchten Sie beginnen?',
    encrypt: 'Daten auf diesem Rechner verschlüsseln', encryptHint: 'Damit niemand Ihre Datensätze von einem verlorenen Datenträger liest. Öffnet sich von selbst mit dem Schlüsselbund dieses Rechners. Nur jetzt wählbar.',
    recoveryTitle: 'Notieren Sie den Wiederherstellungscode', recoveryWhy: 'Die Daten auf diesem Rechner sind verschlüsselt. Gehen Schlüsselbund oder Passphrase verloren, öffnet sie nur noch dieser Code. Er wird nur dieses eine Mal gezeigt und nirgends aufbewahrt.', recoveryCode: 'Wiederherstellungscode',
    recoveryKeep: 'Bewahren Sie ihn auf Papier oder in einem Passwortspeicher auf, nicht auf diesem Rechner.', recoveryWritten: 'Ich habe ihn notiert', secretsTitle: 'Notieren Sie zwei Dinge', secretsKeep: 'Bewahren Sie beide auf Papier oder in einem Passwortspeicher auf, nicht auf diesem Rechner.', secretsWritten: 'Ich habe beide notiert', recoveryGo: 'Holdfast öffnen',
  },
);
