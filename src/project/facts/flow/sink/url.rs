//! URLs that are requested, opened in a browser or handed to the desktop.

use super::{Row, Takes};
use crate::project::{
    facts::Sink,
    program::{At, Program},
    syntax::{Call, Entry, Expression, Kind},
};

const FIRST: Takes = Takes::Argument(0, &["url", "uri", "href", "hostname", "host"]);
const SECOND: Takes = Takes::Argument(1, &["url"]);

pub(super) const ROWS: &[Row] = &[
    Row {
        sink: Sink::Url,
        takes: FIRST,
        calls: &[
            "fetch",
            "globalThis.fetch",
            "node-fetch",
            "cross-fetch",
            "undici.fetch",
            "undici.request",
            "undici.stream",
            "axios",
            "axios.get",
            "axios.post",
            "axios.put",
            "axios.patch",
            "axios.delete",
            "axios.head",
            "axios.request",
            "axios.create().get",
            "axios.create().post",
            "axios.create().put",
            "axios.create().patch",
            "axios.create().delete",
            "axios.create().request",
            "axios.create()",
            "got",
            "got.get",
            "got.post",
            "got.stream",
            "ky",
            "ky.get",
            "ky.post",
            "ofetch.ofetch",
            "superagent.get",
            "superagent.post",
            "needle.get",
            "http.get",
            "http.request",
            "https.get",
            "https.request",
            "requests.get",
            "requests.post",
            "requests.put",
            "requests.patch",
            "requests.delete",
            "requests.head",
            "requests.Session().get",
            "requests.Session().post",
            "requests.Session().put",
            "requests.Session().delete",
            "httpx.get",
            "httpx.post",
            "httpx.put",
            "httpx.patch",
            "httpx.delete",
            "httpx.head",
            "httpx.Client().get",
            "httpx.Client().post",
            "httpx.Client().put",
            "httpx.Client().patch",
            "httpx.Client().delete",
            "httpx.AsyncClient().get",
            "httpx.AsyncClient().post",
            "httpx.AsyncClient().put",
            "httpx.AsyncClient().patch",
            "httpx.AsyncClient().delete",
            "aiohttp.ClientSession().get",
            "aiohttp.ClientSession().post",
            "aiohttp.ClientSession().put",
            "aiohttp.ClientSession().patch",
            "aiohttp.ClientSession().delete",
            "urllib.request.urlopen",
            "urllib.request.urlretrieve",
            "urllib.request.Request",
            "reqwest.get",
            "reqwest.blocking.get",
            "reqwest.Client.new().get",
            "reqwest.Client.new().post",
            "reqwest.Client.new().put",
            "reqwest.Client.new().patch",
            "reqwest.Client.new().delete",
            "reqwest.Client().get",
            "reqwest.Client().post",
            "reqwest.Client().put",
            "reqwest.Client().patch",
            "reqwest.Client().delete",
            "reqwest.Client.builder*.get",
            "reqwest.Client.builder*.post",
            "reqwest.blocking.Client.new().get",
            "reqwest.blocking.Client().get",
            "ureq.get",
            "ureq.post",
            "net/http.Get",
            "net/http.Post",
            "net/http.PostForm",
            "net/http.Head",
            "net/http.Client().Get",
            "net/http.Client().Post",
            "net/http.DefaultClient.Get",
        ],
    },
    Row {
        sink: Sink::Url,
        takes: SECOND,
        calls: &[
            "requests.request",
            "requests.Session().request",
            "httpx.request",
            "httpx.stream",
            "httpx.Client().request",
            "httpx.AsyncClient().request",
            "httpx.AsyncClient().stream",
            "aiohttp.ClientSession().request",
            "reqwest.Client().request",
            "reqwest.Client.new().request",
            "net/http.NewRequest",
        ],
    },
    Row { sink: Sink::Url, takes: Takes::Argument(2, &[]), calls: &["net/http.NewRequestWithContext"] },
    Row {
        sink: Sink::Navigation,
        takes: FIRST,
        calls: &[
            "?goto",
            "playwright*.goto",
            "puppeteer*.goto",
            "puppeteer-core*.goto",
            "github.com/chromedp/chromedp.Navigate",
            "selenium*.get",
        ],
    },
    Row {
        sink: Sink::OpenUrl,
        takes: FIRST,
        calls: &[
            "open",
            "opn",
            "open.openApp",
            "electron.shell.openExternal",
            "vscode.env.openExternal",
            "webbrowser.open",
            "webbrowser.open_new",
            "webbrowser.open_new_tab",
            "opener.open",
            "open.that",
            "webbrowser.open_browser",
            "github.com/pkg/browser.OpenURL",
            "github.com/skratchdot/open-golang/open.Run",
            "github.com/cli/browser.OpenURL",
        ],
    },
];

/// Headers that say who the server is.
const CREDENTIALS: &[&str] = &["authorization", "cookie", "x-api-key", "api-key", "x-auth-token", "private-token"];

/// Whether a request carries a credential of the server: a header, or the parameter `auth`.
pub(super) fn carries_credential<'a>(program: &Program<'a>, at: At, call: &'a Call) -> bool {
    if call.keyword("auth").is_some() {
        return true;
    }
    let keyword = call.keyword("headers");
    let options = call.arguments.iter().filter(|argument| argument.name.is_none()).filter_map(|argument| {
        let (_, options) = program.value(at, &argument.value);
        options.record()?.get("headers")
    });
    keyword.into_iter().chain(options).any(|headers| names_credential(program, at, headers))
}

fn names_credential<'a>(program: &Program<'a>, at: At, headers: &'a Expression) -> bool {
    let (owner, headers) = program.value(at, headers);
    let Kind::Record(record) = &headers.kind else { return false };
    record.entries.iter().any(|entry| match entry {
        Entry::Field(name, _) => CREDENTIALS.contains(&name.value.to_lowercase().as_str()),
        Entry::Spread(inner) => names_credential(program, owner, inner),
        Entry::Computed(..) => false,
    })
}
