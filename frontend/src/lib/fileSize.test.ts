import { describe, expect, it } from 'vitest';
import { fileShare, fileSize, screenshotName } from './fileSize';

describe('fileSize', () => {
  it.each([[0, '0 B'], [812, '812 B'], [1000, '1 kB'], [2_140_000, '2.1 MB'], [199_600_000, '200 MB'], [1_073_741_824, '1.1 GB']])('%i bytes', (bytes, text) => {
    expect(fileSize(bytes, 'en')).toBe(text);
  });
  it('is written as the language writes numbers', () => {
    expect(fileSize(2_140_000, 'de')).toBe('2,1 MB');
  });
});

describe('fileShare', () => {
  it.each([[2_100_000, 8_000_000, ['2.1', '8 MB']], [0, 812, ['0', '812 B']], [40_000, 8_000_000, ['0', '8 MB']]])('%i of %i', (part, whole, texts) => {
    expect(fileShare(part, whole, 'en')).toEqual(texts);
  });
});

describe('screenshotName', () => {
  it('says when it was taken', () => {
    expect(screenshotName('Screenshot', new Date(2026, 2, 10, 9, 5, 7), 'image/png')).toBe('Screenshot 2026-03-10 09.05.07.png');
  });
});
