// Server-sent events, read from a stream: EventSource cannot send headers.

/** Reads a stream of UTF-8 bytes as events {type, data}, data parsed as JSON; ends with the stream. */
export async function* readEvents(stream) {
  const decoder = new TextDecoder();
  const reader = stream.getReader();
  let rest = "";
  let type = "message";
  let data = [];
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const lines = (rest + decoder.decode(value, { stream: true })).split(/\r?\n/);
      rest = lines.pop();
      for (const line of lines) {
        const [, field, text] = /^([^:]*):? ?(.*)$/.exec(line);
        if (field === "event") type = text;
        else if (field === "data") data.push(text);
        else if (line === "") {
          if (data.length > 0) yield { type, data: JSON.parse(data.join("\n")) };
          type = "message";
          data = [];
        }
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
