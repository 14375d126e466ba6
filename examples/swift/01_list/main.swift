// Lists: whole, by label, in pages; and objects without a Swift type.
import KubeCR
import Story

await Story.tell("list") { story in
    for number in 1...5 { try await story.create("story-list-\(number)", replicas: number) }

    let all = try await story.projects.list(labelSelector: story.selector)
    print("all projects of the story: \(all.count)")
    for project in all { print("  \(project.name) replicas \(project.spec.replicas)") }

    let even = try await story.projects.list(labelSelector: "\(story.selector),parity=even")
    print("with parity=even: \(even.count)")
    for project in even { print("  \(project.name) replicas \(project.spec.replicas)") }

    print("in pages of 2:")
    var number = 1
    for try await page in story.projects.pages(limit: 2, labelSelector: story.selector) {
        print("  page \(number): \(page.map(\.name).joined(separator: " "))")
        number += 1
    }

    // The dynamic client: any name that kubectl knows, and no type at all.
    let machines = story.client.resource("virtulmachines.infra.sealyun.com", namespace: "default")
    for machine in try await machines.list(fieldSelector: "metadata.name=virtulmachine-sample") {
        print("machine \(machine.name): cpu \(try machine.string(at: "/spec/cpu")), memory \(try machine.string(at: "/spec/memory"))")
    }
}
