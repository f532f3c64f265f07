const stepBytes = 0x8000;

/** Bytes as base64, in steps that no argument limit cuts short. */
export function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += stepBytes) text += String.fromCharCode(...bytes.subarray(at, at + stepBytes));
  return btoa(text);
}
