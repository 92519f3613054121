//! Until when the software of well-known base images gets fixes: facts, as their makers publish them.
//!
//! Sources: alpinelinux.org/releases, debian.org/lts (long-term support), ubuntu.com/about/release-cycle (standard
//! support), centos.org, docs.fedoraproject.org, nodejs.org/en/about/previous-releases, devguide.python.org/versions,
//! php.net/eol.php, ruby-lang.org/en/downloads/branches, go.dev/doc/devel/release, postgresql.org/support/versioning,
//! dotnet.microsoft.com/platform/support/policy. Each date was compared with what endoflife.date has collected (August
//! 2026); where that says a day or two less (Ruby, Ubuntu), the announcement of the makers counts. A version whose last day
//! no maker has named is left out.

use crate::model::image_ref::ImageRef;

/// The versions of one product, with the last day of fixes.
struct Product {
    name: &'static str,
    /// The repositories of its images, on the registry.
    repositories: &'static [(&'static str, &'static str)],
    versions: &'static [(&'static str, &'static str)],
    /// The names under which a tag of any image names a version of it.
    codenames: &'static [(&'static str, &'static str)],
}

const HUB: &str = "docker.io";
const MICROSOFT: &str = "mcr.microsoft.com";

const PRODUCTS: &[Product] = &[
    Product {
        name: "Alpine",
        repositories: &[(HUB, "library/alpine")],
        versions: &[
            ("3.8", "2020-05-01"),
            ("3.9", "2020-11-01"),
            ("3.10", "2021-05-01"),
            ("3.11", "2021-11-01"),
            ("3.12", "2022-05-01"),
            ("3.13", "2022-11-01"),
            ("3.14", "2023-05-01"),
            ("3.15", "2023-11-01"),
            ("3.16", "2024-05-23"),
            ("3.17", "2024-11-22"),
            ("3.18", "2025-05-09"),
            ("3.19", "2025-11-01"),
            ("3.20", "2026-04-01"),
            ("3.21", "2026-11-01"),
            ("3.22", "2027-05-01"),
            ("3.23", "2027-11-01"),
            ("3.24", "2028-06-01"),
        ],
        codenames: &[],
    },
    Product {
        name: "CentOS",
        repositories: &[(HUB, "library/centos")],
        versions: &[("6", "2020-11-30"), ("7", "2024-06-30"), ("8", "2021-12-31")],
        codenames: &[],
    },
    Product {
        name: "Debian",
        repositories: &[(HUB, "library/debian")],
        versions: &[
            ("7", "2018-05-31"),
            ("8", "2020-06-30"),
            ("9", "2022-06-30"),
            ("10", "2024-06-30"),
            ("11", "2026-08-31"),
            ("12", "2028-06-30"),
        ],
        codenames: &[
            ("wheezy", "7"),
            ("jessie", "8"),
            ("stretch", "9"),
            ("buster", "10"),
            ("bullseye", "11"),
            ("bookworm", "12"),
        ],
    },
    Product {
        name: "Fedora",
        repositories: &[(HUB, "library/fedora")],
        versions: &[
            ("36", "2023-05-16"),
            ("37", "2023-12-05"),
            ("38", "2024-05-21"),
            ("39", "2024-11-26"),
            ("40", "2025-05-13"),
            ("41", "2025-12-15"),
            ("42", "2026-05-27"),
            ("43", "2026-12-09"),
        ],
        codenames: &[],
    },
    Product {
        name: "Go",
        repositories: &[(HUB, "library/golang")],
        versions: &[
            ("1.14", "2021-02-16"),
            ("1.15", "2021-08-16"),
            ("1.16", "2022-03-15"),
            ("1.17", "2022-08-02"),
            ("1.18", "2023-02-01"),
            ("1.19", "2023-09-06"),
            ("1.20", "2024-02-06"),
            ("1.21", "2024-08-13"),
            ("1.22", "2025-02-11"),
            ("1.23", "2025-08-12"),
            ("1.24", "2026-02-10"),
            ("1.25", "2026-08-19"),
        ],
        codenames: &[],
    },
    Product {
        name: ".NET",
        repositories: &[
            (MICROSOFT, "dotnet/aspnet"),
            (MICROSOFT, "dotnet/runtime"),
            (MICROSOFT, "dotnet/runtime-deps"),
            (MICROSOFT, "dotnet/sdk"),
        ],
        versions: &[
            ("3.1", "2022-12-13"),
            ("5.0", "2022-05-10"),
            ("6.0", "2024-11-12"),
            ("7.0", "2024-05-14"),
            ("8.0", "2026-11-10"),
            ("9.0", "2026-11-10"),
        ],
        codenames: &[],
    },
    Product {
        name: "Node.js",
        repositories: &[(HUB, "library/node")],
        versions: &[
            ("8", "2019-12-31"),
            ("9", "2018-06-30"),
            ("10", "2021-04-30"),
            ("11", "2019-06-01"),
            ("12", "2022-04-30"),
            ("13", "2020-06-01"),
            ("14", "2023-04-30"),
            ("15", "2021-06-01"),
            ("16", "2023-09-11"),
            ("17", "2022-06-01"),
            ("18", "2025-04-30"),
            ("19", "2023-06-01"),
            ("20", "2026-04-30"),
            ("21", "2024-06-01"),
            ("22", "2027-04-30"),
            ("23", "2025-06-01"),
            ("24", "2028-04-30"),
            ("25", "2026-06-01"),
        ],
        codenames: &[],
    },
    Product {
        name: "PHP",
        repositories: &[(HUB, "library/php")],
        versions: &[
            ("5.6", "2018-12-31"),
            ("7.0", "2019-01-10"),
            ("7.1", "2019-12-01"),
            ("7.2", "2020-11-30"),
            ("7.3", "2021-12-06"),
            ("7.4", "2022-11-28"),
            ("8.0", "2023-11-26"),
            ("8.1", "2025-12-31"),
            ("8.2", "2026-12-31"),
            ("8.3", "2027-12-31"),
            ("8.4", "2028-12-31"),
        ],
        codenames: &[],
    },
    Product {
        name: "PostgreSQL",
        repositories: &[(HUB, "library/postgres")],
        versions: &[
            ("9.6", "2021-11-11"),
            ("10", "2022-11-10"),
            ("11", "2023-11-09"),
            ("12", "2024-11-21"),
            ("13", "2025-11-13"),
            ("14", "2026-11-12"),
            ("15", "2027-11-11"),
        ],
        codenames: &[],
    },
    Product {
        name: "Python",
        repositories: &[(HUB, "library/python")],
        versions: &[
            ("2.7", "2020-01-01"),
            ("3.5", "2020-09-30"),
            ("3.6", "2021-12-23"),
            ("3.7", "2023-06-27"),
            ("3.8", "2024-10-07"),
            ("3.9", "2025-10-31"),
            ("3.10", "2026-10-31"),
            ("3.11", "2027-10-31"),
            ("3.12", "2028-10-31"),
        ],
        codenames: &[],
    },
    Product {
        name: "Ruby",
        repositories: &[(HUB, "library/ruby")],
        versions: &[
            ("2.5", "2021-04-05"),
            ("2.6", "2022-04-12"),
            ("2.7", "2023-03-31"),
            ("3.0", "2024-04-23"),
            ("3.1", "2025-03-26"),
            ("3.2", "2026-04-01"),
            ("3.3", "2027-03-31"),
            ("3.4", "2028-03-31"),
        ],
        codenames: &[],
    },
    Product {
        name: "Ubuntu",
        repositories: &[(HUB, "library/ubuntu")],
        versions: &[
            ("14.04", "2019-04-25"),
            ("16.04", "2021-04-30"),
            ("18.04", "2023-05-31"),
            ("20.04", "2025-05-31"),
            ("20.10", "2021-07-22"),
            ("21.04", "2022-01-20"),
            ("21.10", "2022-07-14"),
            ("22.10", "2023-07-20"),
            ("23.04", "2024-01-25"),
            ("23.10", "2024-07-11"),
            ("24.10", "2025-07-10"),
            ("25.04", "2026-01-15"),
        ],
        codenames: &[("trusty", "14.04"), ("xenial", "16.04"), ("bionic", "18.04"), ("focal", "20.04")],
    },
];

/// What is known to be in the image, each with the last day of its fixes: the product itself, and the distribution that
/// the tag names.
pub(super) fn of(image: &ImageRef) -> Vec<(String, &'static str)> {
    let Some(tag) = image.tag() else { return Vec::new() };
    let place = (image.registry(), image.repository());
    let parts: Vec<&str> = tag.split('-').collect();
    let mut found = Vec::new();
    for product in PRODUCTS {
        let is_own = product.repositories.contains(&place);
        let written = if is_own { product.version(parts[0]) } else { None };
        let is_library = place.0 == HUB && place.1.starts_with("library/");
        let named = || {
            let codename = parts.iter().find_map(|part| product.codenames.iter().find(|(name, _)| name == part));
            codename.filter(|_| is_library).and_then(|(_, version)| product.version(version))
        };
        found.extend(written.or_else(named).map(|(version, end)| (format!("{} {version}", product.name), end)));
        // `python:3.9-alpine3.15`
        let alpine = parts[1..].iter().find_map(|part| part.strip_prefix("alpine")).filter(|_| is_library);
        if let Some((version, end)) = alpine.filter(|_| product.name == "Alpine").and_then(|it| product.version(it)) {
            found.push((format!("Alpine {version}"), end));
        }
    }
    found
}

impl Product {
    /// The version that a tag begins with: 3.9 of `3.9.18`.
    fn version(&self, tag: &str) -> Option<(&'static str, &'static str)> {
        let is_it =
            |version: &str| tag.strip_prefix(version).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        self.versions.iter().find(|(version, _)| is_it(version)).copied()
    }
}
