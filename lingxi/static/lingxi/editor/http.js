// Requests to our own server. Rejects with {status, code, detail, fields}.

function token() {
  const field = document.querySelector("input[name=csrfmiddlewaretoken]");
  return field ? field.value : "";
}

async function answer(response) {
  if (response.redirected && /\/login\//.test(new URL(response.url).pathname)) {
    throw Object.assign(new Error("登录已失效"), { status: 401, detail: "登录已失效，请在新标签页登录后再试", fields: {} });
  }
  const data = await response.json().catch(() => ({}));
  if (response.ok) return data;
  const detail = data.detail || `请求失败（${response.status}）`;
  throw Object.assign(new Error(detail), { status: response.status, code: data.code, detail, fields: data.fields || {} });
}

async function send(url, options) {
  const response = await fetch(url, { credentials: "same-origin", ...options }).catch((error) => {
    if (error.name === "AbortError") throw error;
    throw Object.assign(error, { status: 0, detail: "网络连接失败，请稍后再试", fields: {} });
  });
  return answer(response);
}

/** What a URL says. */
export function get(url, { signal } = {}) {
  return send(url, { signal, headers: { Accept: "application/json" } });
}

/** Changes something. */
export function post(url, body = {}, { signal } = {}) {
  const headers = { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": token() };
  return send(url, { method: "POST", signal, headers, body: JSON.stringify(body) });
}
