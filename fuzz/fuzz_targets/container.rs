//! Any text is a container file and a compose file, whose places lie in the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mcpsec::project::container::compose_images;

fuzz_target!(|text: &str| {
    let project = mcpsec_fuzz::project(["Dockerfile", "compose.yaml"].map(|path| (path, text)));
    for stage in project.containers.iter().flat_map(|container| &container.stages) {
        assert!(text.get(stage.place.start..stage.place.end).is_some());
        assert!(text.get(stage.image.place.start..stage.image.place.end).is_some());
    }
    for image in project.files.iter().flat_map(compose_images) {
        assert!(text.get(image.place.start..image.place.end).is_some());
    }
});
