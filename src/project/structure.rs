//! Everything in a repository that is not source: each file goes to the one reader that knows it.

use rayon::prelude::*;

use super::{
    File, Project, Reason, Role, client, container, lockfile, manifest, policy, registry, role, tool_lock, walk::skip,
    workflow, workload,
};

/// What files other than sources say, in the order of the files.
#[derive(Default)]
pub(super) struct Structure {
    manifests: Vec<manifest::Manifest>,
    lockfiles: Vec<lockfile::Lockfile>,
    containers: Vec<container::Container>,
    clients: Vec<client::ClientConfig>,
    registries: Vec<registry::Registry>,
    policies: Vec<policy::PolicyFile>,
    tool_lock: Option<tool_lock::LockFile>,
    workflows: Vec<workflow::Workflow>,
    workloads: Vec<workload::Workload>,
}

impl Structure {
    /// What `files` say.
    pub(super) fn of(files: &[File]) -> Self {
        let judged = files.par_iter().filter(|file| file.role != Role::Foreign);
        judged.fold(Self::default, Self::with).reduce(Self::default, Self::and)
    }

    fn with(mut self, file: &File) -> Self {
        self.manifests.extend(manifest::read(file));
        self.lockfiles.extend(lockfile::read(file));
        self.containers.extend(container::read(file));
        self.clients.extend(client::read(file));
        self.registries.extend(registry::read(file));
        self.policies.extend(policy::read(file));
        self.tool_lock = self.tool_lock.take().or_else(|| tool_lock::read(file));
        self.workflows.extend(workflow::read(file));
        self.workloads.extend(workload::read(file));
        self
    }

    fn and(mut self, later: Self) -> Self {
        self.manifests.extend(later.manifests);
        self.lockfiles.extend(later.lockfiles);
        self.containers.extend(later.containers);
        self.clients.extend(later.clients);
        self.registries.extend(later.registries);
        self.policies.extend(later.policies);
        self.tool_lock = self.tool_lock.or(later.tool_lock);
        self.workflows.extend(later.workflows);
        self.workloads.extend(later.workloads);
        self
    }
}

impl Project {
    /// Takes over what files other than sources say, and reads those above the project.
    pub(super) fn build(&mut self, structure: Structure) {
        let manifests = structure.manifests.iter().map(|manifest| (&manifest.path, &manifest.error));
        let clients = structure.clients.iter().map(|client| (&client.path, &client.error));
        let workflows = structure.workflows.iter().map(|workflow| (&workflow.path, &workflow.error));
        for (path, error) in manifests.chain(clients).chain(workflows) {
            if let (Some(error), Role::Product | Role::Script) = (error, role::of(path)) {
                self.skipped.push(skip(path, Reason::Syntax, error.message.clone(), true));
            }
        }
        self.manifests = structure.manifests;
        self.containers = structure.containers;
        self.clients = structure.clients;
        self.registries = structure.registries;
        self.policies = structure.policies;
        self.tool_lock = structure.tool_lock;
        self.workflows = structure.workflows;
        self.workloads = structure.workloads;
        self.lockfiles = structure.lockfiles;
        let unread = self.skipped.iter().filter(|skipped| skipped.reason != Reason::Foreign);
        self.lockfiles.extend(unread.filter_map(|skipped| lockfile::named(&skipped.path)));
        for file in &self.above.files {
            self.manifests.extend(manifest::read(file));
            self.lockfiles.extend(lockfile::read(file));
            self.workflows.extend(workflow::read(file));
        }
        for name in &self.above.names {
            if !self.lockfiles.iter().any(|lockfile| lockfile.path == *name) && !name.contains("/docs/") {
                self.lockfiles.extend(lockfile::named(name));
            }
        }
        // Nearest first: the project's own before its subfolders', those above last.
        self.lockfiles.sort_by_key(|lockfile| (lockfile.path.starts_with("../"), lockfile.path.matches('/').count()));
    }
}
