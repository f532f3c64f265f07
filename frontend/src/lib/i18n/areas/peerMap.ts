import { area } from '../area';

export const peerMap = area(
  {
    title: (connected: number, all: number) => `Connected with ${String(connected)} of ${String(all)} devices`,
    tryNow: 'Try now', tryNowFor: (name: string) => `Try to reach ${name} now`,
    why: { paused: 'They wait because you work offline.', cutOff: 'They wait because nobody who decides can be reached. They are shared as soon as that is possible.', agreeing: 'They are being agreed right now.' },
  },
  {
    title: (connected: number, all: number) => `Verbunden mit ${String(connected)} von ${String(all)} Geräten`,
    tryNow: 'Jetzt versuchen', tryNowFor: (name: string) => `Jetzt versuchen, ${name} zu erreichen`,
    why: { paused: 'Sie warten, weil Sie offline arbeiten.', cutOff: 'Sie warten, weil niemand erreichbar ist, der entscheidet. Sie werden geteilt, sobald das geht.', agreeing: 'Sie werden gerade vereinbart.' },
  },
);
