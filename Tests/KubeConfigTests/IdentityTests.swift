// Who we are beyond certificates and tokens: basic authentication and impersonation.
import KubeConfig
import KubeCore
import Testing

private func error(_ lines: String...) -> KubeError { failure(lines.joined()) { try load(yaml: kubeconfig(user: lines)) } }

@Test func basicAuthArrives() throws {
    #expect(try load(yaml: kubeconfig(user: ["username: u", "password: 'p:w'"])).basicAuth == .init(username: "u", password: "p:w"))
    #expect(try load(yaml: kubeconfig(user: ["username: u"])).basicAuth == .init(username: "u", password: ""))
    #expect(try load(yaml: kubeconfig()).basicAuth == nil)
}

@Test func basicAuthExcludesTokens() {
    expect(error("username: u", "token: \(secret)"), .config, "user \"usr\": username: excludes", "user \"usr\": token")
    expect(error("password: \(secret)", "token: \(secret)"), .config, "password: excludes", "token")
    expect(error("username: u", "tokenFile: /nowhere"), .config, "username: excludes", "tokenFile")
}

@Test func basicAuthMustFitItsHeader() {
    expect(error("password: \(secret)"), .config, "password: has no username beside it")
    expect(error("username: a:b", "password: \(secret)"), .config, "username: holds a colon")
    expect(error("username: \"a\\nb\""), .config, "username: holds a line break")
    expect(error("username: a", "password: \"\(secret)\\r\""), .config, "password: holds a line break")
}

@Test func impersonationArrives() throws {
    let user = ["as: me", "as-uid: '7'", "as-groups: [one, two]", "as-user-extra: {Key/x: [a, b], none: [], nil: ~}"]
    let config = try load(yaml: kubeconfig(user: user))
    #expect(config.impersonation == .init(
        user: "me", uid: "7", groups: ["one", "two"],
        extra: [.init(key: "Key/x", values: ["a", "b"]), .init(key: "none", values: []), .init(key: "nil", values: [])]))
    #expect(try load(yaml: kubeconfig(user: ["as: me"])).impersonation == .init(user: "me"))
    #expect(try load(yaml: kubeconfig(user: ["as-groups: []", "as-user-extra: {}"])).impersonation == nil)
}

@Test func impersonationNeedsAUser() {
    expect(error("as-uid: '7'"), .config, "user \"usr\": as-uid: there is no user to impersonate")
    expect(error("as-groups: [g]"), .config, "as-groups: there is no user to impersonate")
    expect(error("as-user-extra: {k: [v]}"), .config, "as-user-extra: there is no user to impersonate")
}

@Test func impersonationMustFitItsHeaders() {
    expect(error("as: \"a\\nX: y\""), .config, "as: holds a line break")
    expect(error("as: a", "as-uid: \"\\x7f\""), .config, "as-uid: holds a line break")
    expect(error("as: a", "as-groups: [ok, \"a\\rb\"]"), .config, "as-groups: holds a line break")
    expect(error("as: a", "as-user-extra: {k: [\"a\\0\"]}"), .config, "as-user-extra: holds a line break")
    expect(error("as: a", "as-groups: ['']"), .config, "as-groups: holds an empty name")
    expect(error("as: a", "as-user-extra: {'': [v]}"), .config, "as-user-extra: holds an empty key")
}
