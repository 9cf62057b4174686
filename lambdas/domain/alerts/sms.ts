/** Text messages: what a part of one holds (GSM 03.38 and 03.40), and what is cut. */

/** The alphabet whose letters have seven bits. */
const GSM = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
/** Those of it that take the room of two. */
const GSM_OF_TWO = new Set('^{}[~]|€\\\f');

/** A message of one part has more room than each of several, which say how they go together. */
interface Room {
  readonly alone: number;
  readonly part: number;
}

const GSM_ROOM: Room = { alone: 160, part: 153 };
const UCS2_ROOM: Room = { alone: 70, part: 67 };

/** Each part is paid for by itself, and nobody reads more of them. */
const PARTS = 3;

const isGsm = (text: string): boolean => [...text].every((each) => GSM.has(each) || GSM_OF_TWO.has(each));

const widthIn = (room: Room, character: string): number => {
  if (room === UCS2_ROOM) return character.length;
  return GSM_OF_TWO.has(character) ? 2 : 1;
};

const widthOf = (room: Room, text: string): number =>
  [...text].reduce((sum, character) => sum + widthIn(room, character), 0);

/** In letters of either alphabet: `…` would make the message one of the larger. */
const MORE = '...';

/** A text that three parts of a message hold, cut at the end of a character where it is longer. */
export const smsText = (text: string): string => {
  const room = isGsm(text) ? GSM_ROOM : UCS2_ROOM;
  if (widthOf(room, text) <= Math.max(room.alone, room.part * PARTS)) return text;
  let cut = '';
  let left = room.part * PARTS - MORE.length;
  for (const character of text) {
    left -= widthIn(room, character);
    if (left < 0) break;
    cut += character;
  }
  return `${cut.trimEnd()}${MORE}`;
};
