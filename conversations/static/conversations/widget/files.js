/* Pictures and files on their way up. Until the server has one it lives here, not in the outbox. */
(function (W) {
  "use strict";

  const IMAGE = /^image\/(png|jpeg|gif|webp|avif|bmp)$/;

  W.Files = class {
    /** `host`: {client, session, words, config(), conversation(), tell(text), draw(own)} */
    constructor(host) {
      Object.assign(this, { host, uploads: new Map(), previews: new Map() });
      addEventListener("beforeunload", (event) => this.uploads.size && event.preventDefault());
    }

    add(file) {
      const { host } = this;
      const limit = host.config().max_upload;
      if (limit && file.size > limit) return host.tell(host.words.tooBig(Math.floor(limit / 1048576)));
      const type = IMAGE.test(file.type) ? "image" : "file";
      const entry = { client_msg_id: LingxiClient.uuid(), kind: "message", author: { type: "visitor" }, seq: null, progress: 0,
        created_at: new Date().toISOString(), file, content: { type, name: file.name, size: file.size, media_type: file.type } };
      if (type === "image") this.previews.set(entry.client_msg_id, URL.createObjectURL(file));
      this.uploads.set(entry.client_msg_id, entry);
      host.draw(true);
      return this.upload(entry);
    }

    async upload(entry) {
      const { host } = this;
      Object.assign(entry, { status: "uploading", progress: 0, reason: null });
      host.draw();
      try {
        await host.client.authorize();
        const send = () => host.session.upload(host.client, entry.file, (done) => { entry.progress = done; host.draw(); });
        const stored = await send().catch(async (error) => {
          if (error.status === 401 && (await host.client.authorize("expired"))) return send();
          throw error;
        });
        this.stored(entry, stored);
      } catch (error) {
        const reason = error.status === 413 ? "too_big" : error.status ? "upload" : "timeout";
        Object.assign(entry, { status: "failed", reason, detail: error.detail });
        host.draw();
      }
    }

    /** Stored: from here on it is a message like any other. */
    stored({ client_msg_id, content }, { id, name, size, media_type, url }) {
      const { client, conversation, draw } = this.host;
      if (!this.uploads.delete(client_msg_id)) return; // thrown away meanwhile
      const local = { name: name || content.name, size: size || content.size, media_type: media_type || content.media_type, url };
      const sent = client.send(conversation(), content.type, { attachment: id }, { local });
      const preview = this.previews.get(client_msg_id);
      if (preview) this.previews.set(sent.client_msg_id, preview);
      draw();
    }

    retry({ client_msg_id }) {
      const entry = this.uploads.get(client_msg_id);
      if (entry) this.upload(entry);
      return Boolean(entry);
    }

    /** The network is back: what it broke goes again by itself. */
    again() {
      for (const entry of this.uploads.values()) if (entry.reason === "timeout") this.upload(entry);
    }
  };
})((LingxiClient.widget = LingxiClient.widget || {}));
