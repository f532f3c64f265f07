import { useEffect, useRef, useState } from 'react';
import { screenshotName } from '@/lib/fileSize';

export interface Incoming {
  file: File;
  name: string;
}

function isText(target: EventTarget | null): boolean {
  return target instanceof HTMLTextAreaElement || (target instanceof HTMLElement && target.isContentEditable) || (target instanceof HTMLInputElement && target.type !== 'file');
}

/** Pictures from the clipboard have no name of their own. */
function named(file: File, screenshot: string): Incoming {
  const nameless = file.name === '' || /^image\.(png|jpe?g)$/i.test(file.name);
  return { file, name: nameless && file.type.startsWith('image/') ? screenshotName(screenshot, new Date(), file.type) : file.name };
}

/** Files that are pasted or dropped anywhere in the window while this is on the screen. Gives whether some are held over it. */
export function useIncoming(screenshot: string, take: (files: Incoming[]) => void, folder: () => void): boolean {
  const [over, setOver] = useState(false);
  const latest = useRef({ screenshot, take, folder });
  useEffect(() => {
    latest.current = { screenshot, take, folder };
  });
  useEffect(() => {
    const carries = (event: DragEvent) => event.dataTransfer?.types.includes('Files') === true;
    const onPaste = (event: ClipboardEvent) => {
      const files = [...(event.clipboardData?.files ?? [])];
      // A text that was copied with its picture is meant as text where one is written.
      if (files.length === 0 || (isText(event.target) && event.clipboardData?.types.includes('text/plain') === true)) return;
      event.preventDefault();
      latest.current.take(files.map((file) => named(file, latest.current.screenshot)));
    };
    const onDragOver = (event: DragEvent) => {
      if (!carries(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const onDragLeave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false);
    };
    const onDrop = (event: DragEvent) => {
      setOver(false);
      if (!carries(event)) return;
      event.preventDefault();
      const items = [...(event.dataTransfer?.items ?? [])].filter((item) => item.kind === 'file');
      if (items.some((item) => item.webkitGetAsEntry()?.isDirectory === true)) {
        latest.current.folder();
        return;
      }
      latest.current.take([...(event.dataTransfer?.files ?? [])].map((file) => ({ file, name: file.name })));
    };
    window.addEventListener('paste', onPaste);
    window.addEventListener('dragover', onDragOver);
    window.addEventListener('dragleave', onDragLeave);
    window.addEventListener('drop', onDrop);
    return () => {
      window.removeEventListener('paste', onPaste);
      window.removeEventListener('dragover', onDragOver);
      window.removeEventListener('dragleave', onDragLeave);
      window.removeEventListener('drop', onDrop);
    };
  }, []);
  return over;
}
