// The download page works without this script. It picks the visitor's download, chooses the fitting tab and copies lines.
"use strict";

const text = (element) => element.textContent.trim();

/** The visitor's system, processor and package format, as far as the browser tells. */
async function visitor() {
  const agent = navigator.userAgent;
  const data = navigator.userAgentData;
  const platform = (data && data.platform) || agent + " " + navigator.platform;
  const found = { os: system(platform, agent), arch: processor(agent), format: "" };
  if (/Ubuntu|Debian|Mint/i.test(agent)) found.format = ".deb";
  if (/Fedora|Red Hat|CentOS|SUSE/i.test(agent)) found.format = ".rpm";
  if (data && data.getHighEntropyValues) {
    try {
      const more = await data.getHighEntropyValues(["architecture", "bitness"]);
      const wide = more.bitness === "64";
      if (more.architecture === "x86") found.arch = wide ? "amd64" : "i386";
      if (more.architecture === "arm") found.arch = wide ? "arm64" : "armv7";
    } catch {
      // A browser may refuse; what the user agent says stays.
    }
  }
  return found;
}

function system(platform, agent) {
  if (/Android/i.test(platform + agent)) return "android";
  if (/iPhone|iPad|iPod/i.test(agent)) return "";
  if (/Win/i.test(platform)) return "windows";
  if (/Mac/i.test(platform)) return navigator.maxTouchPoints > 1 ? "" : "macos";
  for (const name of ["FreeBSD", "OpenBSD", "NetBSD"]) {
    if (platform.includes(name)) return name.toLowerCase();
  }
  return /Linux|CrOS|Chrome ?OS|X11/i.test(platform) ? "linux" : "";
}

function processor(agent) {
  // Every Mac says Intel here, so that a Mac's processor is known from the high entropy values alone.
  if (/Mac/i.test(agent)) return "";
  if (/aarch64|arm64/i.test(agent)) return "arm64";
  if (/armv[67]/i.test(agent)) return "armv7";
  if (/x86_64|Win64|WOW64|x64|amd64/i.test(agent)) return "amd64";
  return /i[3-6]86/i.test(agent) ? "i386" : "";
}

/** Architectures that run on a processor, the best first. */
function runnable(who) {
  // A phone does not tell its processor either, and hardly one is an Intel; "any" is an application with the code for all of them.
  if (who.os === "android" && !who.arch) return ["any", "universal", "arm64", "armv7"];
  const own = who.arch || (who.os === "macos" ? "arm64" : "amd64");
  const first = who.os === "macos" && !who.arch ? ["universal", own] : [own, "universal"];
  const emulated = { amd64: ["i386"], arm64: { linux: [], android: ["armv7"] }[who.os] || ["amd64"], armv7: ["armv6"] };
  const other = who.os === "macos" ? ["amd64"] : emulated[own] || [];
  return [...first, "any", ...other];
}

function best(links, who) {
  const order = runnable(who);
  const score = (link) => {
    const place = order.indexOf(link.dataset.arch);
    const wanted = who.format && link.dataset.suffix === who.format;
    return place < 0 ? Infinity : place * 100 + (wanted ? -1 : Number(link.dataset.rank));
  };
  const fitting = links.filter((link) => link.dataset.os === who.os && score(link) < Infinity);
  return fitting.sort((a, b) => score(a) - score(b))[0];
}

function offer(pick, who) {
  const downloads = document.getElementById("get-" + pick.dataset.pick);
  const link = best([...downloads.querySelectorAll("dd a")], who);
  if (!link) return;
  const button = pick.querySelector(".button");
  button.href = link.href;
  button.querySelector("b").textContent = "Download for " + link.dataset.system;
  button.querySelector("small").textContent = link.dataset.facts;
  pick.querySelector(".elsewhere").hidden = false;
  const card = [...downloads.children].find((child) => child.dataset.system === who.os);
  if (card) card.classList.add("yours");
}

function chooseTabs(who) {
  const wanted = { macos: ["brew"], windows: ["choco"], linux: who.format === ".rpm" ? ["dnf"] : ["apt", "dnf"] }[who.os] || [];
  for (const clients of document.querySelectorAll(".clients")) {
    const tabs = [...clients.querySelectorAll("input")];
    const chosen = wanted.map((name) => tabs.find((tab) => tab.value === name)).find(Boolean);
    const script = { linux: "install.sh", macos: "install.sh", windows: "install.ps1" }[who.os];
    const other = tabs.find((tab) => tab.value === script);
    const fallback = tabs.find((tab) => tab.value === "download");
    const downloads = document.getElementById(tabs[0].name.replace("client-", "get-"));
    const none = downloads && !downloads.querySelector(`[data-system="${who.os}"], [data-system="any"]`);
    const tab = who.os ? (!none && (chosen || other)) || fallback : tabs[0];
    if (tab) tab.checked = true;
  }
}

async function copy(line) {
  try {
    await navigator.clipboard.writeText(line);
  } catch {
    // No permission, or a page that is not served over https: the old way still works.
    const area = document.createElement("textarea");
    area.value = line;
    area.readOnly = true;
    area.className = "offscreen";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    if (!done) throw new Error("the browser does not let this page copy");
  }
}

function enableCopying() {
  const status = document.querySelector(".announce");
  for (const button of document.querySelectorAll(".copy")) {
    const label = button.querySelector("span");
    const code = button.parentElement.querySelector("code");
    button.hidden = false;
    button.addEventListener("click", async () => {
      let word = "Copied";
      try {
        await copy(text(code));
      } catch {
        word = "Select and copy";
        getSelection().selectAllChildren(code);
      }
      label.textContent = status.textContent = word;
      button.classList.toggle("done", word === "Copied");
      button.focus();
      setTimeout(() => {
        label.textContent = "Copy";
        status.textContent = "";
        button.classList.remove("done");
      }, 2000);
    });
  }
}

/** A link to a channel opens it. */
function openTarget() {
  let id;
  try {
    id = decodeURIComponent(location.hash.slice(1));
  } catch {
    return; // no link of this page: it is not encoded as UTF-8
  }
  const target = id && document.getElementById(id);
  const closed = target && target.closest("details");
  if (closed) closed.open = true;
}

enableCopying();
openTarget();
addEventListener("hashchange", openTarget);
visitor().then((who) => {
  for (const pick of document.querySelectorAll("[data-pick]")) offer(pick, who);
  chooseTabs(who);
  document.documentElement.dataset.visitor = who.os || "unknown";
});
