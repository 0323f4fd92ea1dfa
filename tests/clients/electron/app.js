// An application that updates itself, without Electron: the real electron-updater gets an AppAdapter, the network of node, and a stand-in for the native updater of macOS.
// node app.js ASKED: the request is JSON (see tests/support/electron_updater.py), and so is the answer.
"use strict"
const Module = require("module")
const { EventEmitter } = require("events")
const fs = require("fs")
const http = require("http")
const path = require("path")

const asked = JSON.parse(process.argv[2])
const fromUpdater = Module.createRequire(path.join(asked.modules, "package.json"))

/** Squirrel.Mac as far as electron-updater sees it: it asks the address that it is given for an update, and fetches that. */
class NativeUpdater extends EventEmitter {
  setFeedURL(feed) {
    this.feed = feed
  }
  checkForUpdates() {
    http.get(this.feed.url, { headers: this.feed.headers }, answer => {
      const parts = []
      answer.on("data", part => parts.push(part))
      answer.on("end", () => http.get(JSON.parse(Buffer.concat(parts)).url, file => file.resume()))
    })
  }
}

const load = Module._load
Module._load = (name, ...more) => (name === "electron" ? { autoUpdater: new NativeUpdater() } : load(name, ...more))

const updaters = fromUpdater("electron-updater")
const { ElectronHttpExecutor } = fromUpdater("./node_modules/electron-updater/out/electronHttpExecutor")

class NodeHttpExecutor extends ElectronHttpExecutor {
  createRequest(options, callback) {
    const request = http.request(options)
    request.on("response", callback)
    return request
  }
  addRedirectHandlers() {}
}

const app = {
  name: "app",
  version: asked.version,
  isPackaged: true,
  appUpdateConfigPath: path.join(asked.folder, "app-update.yml"),
  userDataPath: path.join(asked.folder, "data"),
  baseCachePath: path.join(asked.folder, "cache"),
  whenReady: () => Promise.resolve(),
  relaunch() {},
  quit() {},
  onQuit() {},
}

async function main() {
  Object.defineProperty(process, "platform", { value: asked.platform })
  Object.defineProperty(process, "arch", { value: asked.arch })
  if (asked.appimage) process.env.APPIMAGE = asked.appimage
  const updater = new updaters[asked.updater](null, app)
  updater.httpExecutor = new NodeHttpExecutor()
  updater.autoDownload = false
  if (asked.channel) updater.channel = asked.channel
  updater.allowDowngrade = false
  const log = []
  const note = message => log.push(String(message))
  updater.logger = { info: note, warn: note, error: note, debug: note }
  updater.on("error", () => {})
  const events = []
  for (const event of ["update-available", "update-not-available", "update-downloaded"]) updater.on(event, () => events.push(event))
  const answer = { events, log, version: null, notes: null, files: [], error: null }
  try {
    const result = await updater.checkForUpdates()
    answer.version = result.updateInfo.version
    answer.notes = result.updateInfo.releaseNotes || null
    if (result.isUpdateAvailable && asked.download) {
      await updater.downloadUpdate()
      answer.files = [updater.downloadedUpdateHelper.file]
    }
  } catch (error) {
    answer.error = error.code || String(error)
  }
  fs.writeSync(1, JSON.stringify(answer))
  process.exit(0)
}
main()
