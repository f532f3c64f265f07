import { area } from '../area';

export const standing = area(
  {
    title: (name: string) => `Sites of ${name}`, open: 'Sites…', openFor: (name: string) => `Sites of ${name}…`, act: 'Save',
    effect: 'The device hears of it at its next contact and needs no restart. What waits there for a site that it leaves is handed over first.',
    home: 'Where it stands', homeHint: 'New tickets made on it belong to this site.', further: 'Further sites', furtherHint: 'It receives their data as well.',
    addressTitle: (name: string) => `Address of ${name}`, addressOpen: 'Address…', addressFor: (name: string) => `Address of ${name}…`, addressHint: 'Host and port at which the others reach it from now on.',
  },
  {
    title: (name: string) => `Standorte von ${name}`, open: 'Standorte…', openFor: (name: string) => `Standorte von ${name}…`, act: 'Speichern',
    effect: 'Das Gerät erfährt es beim nächsten Kontakt und braucht keinen Neustart. Was dort für einen Standort wartet, den es verlässt, wird vorher übergeben.',
    home: 'Wo es steht', homeHint: 'Neue Tickets von diesem Gerät gehören zu diesem Standort.', further: 'Weitere Standorte', furtherHint: 'Auch deren Daten erhält es.',
    addressTitle: (name: string) => `Adresse von ${name}`, addressOpen: 'Adresse…', addressFor: (name: string) => `Adresse von ${name}…`, addressHint: 'Rechner und Port, unter denen die anderen ihn ab jetzt erreichen.',
  },
);
