import { anzahl, area, count } from '../area';

export const catalogue = area(
  {
    title: 'Catalogue', newService: 'New service', empty: 'No services yet', emptyHint: 'Describe the first service that people can ask you for.', filter: 'Filter services', all: 'All stages', owner: 'Owner', team: 'Support team', noOwner: 'No owner', category: 'Category', price: 'Price', free: 'Free', description: 'Description', features: 'Features', addDescription: 'Describe what people get', addFeatures: 'List what is included', properties: 'About this service',
    gateReady: 'Ready to go live', gateMissing: (n: number) => `${count(n, 'thing is', 'things are')} missing before it can go live`, goLive: 'Go live', retire: 'Retire', moveTo: (stage: string) => `Move to ${stage}`, stageChanged: 'Stage changed', openTickets: 'Open tickets', create: 'Create service', nameMissing: 'Give the service a name.', createdHint: 'It begins in the pipeline; the gate says what it still needs to go live.', resultCount: (n: number) => count(n, 'service', 'services'), dependsOn: 'Depends on',
  },
  {
    title: 'Katalog', newService: 'Neuer Service', empty: 'Noch keine Services', emptyHint: 'Beschreiben Sie den ersten Service, um den man Sie bitten kann.', filter: 'Services filtern', all: 'Alle Stufen', owner: 'Verantwortlich', team: 'Support-Team', noOwner: 'Unbesetzt', category: 'Kategorie', price: 'Preis', free: 'Kostenlos', description: 'Beschreibung', features: 'Leistungsumfang', addDescription: 'Beschreiben, was man bekommt', addFeatures: 'Auflisten, was enthalten ist', properties: 'Über diesen Service',
    gateReady: 'Bereit für den Betrieb', gateMissing: (n: number) => `${anzahl(n, 'Angabe fehlt', 'Angaben fehlen')} noch für den Betrieb`, goLive: 'In Betrieb nehmen', retire: 'Außer Betrieb nehmen', moveTo: (stage: string) => `Nach ${stage}`, stageChanged: 'Stufe geändert', openTickets: 'Offene Tickets', create: 'Service anlegen', nameMissing: 'Geben Sie dem Service einen Namen.', createdHint: 'Er beginnt in der Planung; dort steht, was für den Betrieb noch fehlt.', resultCount: (n: number) => anzahl(n, 'Service', 'Services'), dependsOn: 'Hängt ab von',
  },
);

export const knowledge = area(
  {
    title: 'Knowledge', newArticle: 'New article', empty: 'No articles yet', emptyHint: 'Write down how you solved something, so that the next person finds it.', filter: 'Filter articles', all: 'All', helpful: 'Helpful', notHelpful: 'Not helpful', wasHelpful: 'Did this help?', reviewOn: 'Review on', changed: 'Changed', status: 'Status', create: 'Create article', titleMissing: 'Give the article a title.', properties: 'About this article', publish: 'Publish', moveTo: (status: string) => `Move to ${status}`, addBody: 'Write the article', choose: 'Choose an article on the left, or write a new one.', nothingFound: 'No article matches', thanks: 'Thank you', bodyLabel: 'Text', list: 'Articles', copyTemplate: 'Symptom, cause, what to do',
  },
  {
    title: 'Wissen', newArticle: 'Neuer Artikel', empty: 'Noch keine Artikel', emptyHint: 'Schreiben Sie auf, wie Sie etwas gelöst haben, damit die nächste Person es findet.', filter: 'Artikel filtern', all: 'Alle', helpful: 'Hilfreich', notHelpful: 'Nicht hilfreich', wasHelpful: 'War das hilfreich?', reviewOn: 'Prüfen am', changed: 'Geändert', status: 'Status', create: 'Artikel anlegen', titleMissing: 'Geben Sie dem Artikel einen Titel.', properties: 'Über diesen Artikel', publish: 'Veröffentlichen', moveTo: (status: string) => `Nach ${status}`, addBody: 'Artikel schreiben', choose: 'Wählen Sie links einen Artikel oder schreiben Sie einen neuen.', nothingFound: 'Kein Artikel passt', thanks: 'Danke', bodyLabel: 'Text', list: 'Artikel', copyTemplate: 'Symptom, Ursache, was zu tun ist',
  },
);
