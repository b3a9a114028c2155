package io.sparkface;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.AnnotatedMember;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The manifests hold fields that Kubernetes knows, of the types it expects, and no others. */
class KubernetesManifestsTest {
  private static final Map<String, Class<?>> KINDS =
      Map.of(
          "v1 Pod",
          Pod.class,
          "v1 ServiceAccount",
          ServiceAccount.class,
          "rbac.authorization.k8s.io/v1 Role",
          Role.class,
          "rbac.authorization.k8s.io/v1 RoleBinding",
          RoleBinding.class,
          "networking.k8s.io/v1 NetworkPolicy",
          NetworkPolicy.class);

  /** Refuses unknown fields, which the classes would keep aside as additional ones. */
  private static final ObjectMapper STRICT =
      new ObjectMapper()
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .setAnnotationIntrospector(
              new JacksonAnnotationIntrospector() {
                private static final long serialVersionUID = 1L;

                @Override
                public Boolean hasAnySetter(Annotated member) {
                  return false;
                }

                @Override
                public boolean hasIgnoreMarker(AnnotatedMember member) {
                  return member.getName().contains("dditionalPropert")
                      || super.hasIgnoreMarker(member);
                }
              });

  private static List<Object> read(String text) {
    List<Object> found = new ArrayList<>();
    for (Object document : new Yaml(new SafeConstructor(new LoaderOptions())).loadAll(text)) {
      Map<?, ?> fields = (Map<?, ?>) document;
      Class<?> kind = KINDS.get(fields.get("apiVersion") + " " + fields.get("kind"));
      assertThat(kind).as("%s", fields.get("kind")).isNotNull();
      found.add(STRICT.convertValue(document, kind));
    }
    return found;
  }

  private static String manifest(String name) throws IOException {
    return Files.readString(Submission.ROOT.resolve("submit/kubernetes").resolve(name));
  }

  @Test
  void podsRunWithoutPrivileges() throws IOException {
    Pod pod = (Pod) read(manifest("pod.yaml")).get(0);
    assertThat(pod.getSpec().getSecurityContext().getRunAsNonRoot()).isTrue();
    assertThat(pod.getSpec().getContainers())
        .hasSize(1)
        .allMatch(container -> !container.getSecurityContext().getAllowPrivilegeEscalation())
        .allSatisfy(
            container ->
                assertThat(container.getVolumeMounts())
                    .allMatch(
                        mount ->
                            pod.getSpec().getVolumes().stream()
                                .anyMatch(volume -> volume.getName().equals(mount.getName()))));
  }

  @Test
  void theDriversAccountHasItsRoleAndPodsTalkToEachOtherAlone() throws IOException {
    List<Object> all = read(manifest("rbac.yaml"));
    assertThat(all).hasSize(4);
    ServiceAccount account = (ServiceAccount) all.get(0);
    Role role = (Role) all.get(1);
    RoleBinding binding = (RoleBinding) all.get(2);
    NetworkPolicy policy = (NetworkPolicy) all.get(3);
    assertThat(binding.getRoleRef().getName()).isEqualTo(role.getMetadata().getName());
    assertThat(binding.getSubjects().get(0).getName()).isEqualTo(account.getMetadata().getName());
    assertThat(role.getRules()).noneMatch(rule -> rule.getVerbs().contains("*"));
    Pod pod = (Pod) read(manifest("pod.yaml")).get(0);
    assertThat(pod.getMetadata().getLabels())
        .containsAllEntriesOf(policy.getSpec().getPodSelector().getMatchLabels());
  }

  @Test
  void aFieldThatKubernetesDoesNotKnowIsFound() throws IOException {
    String wrong = manifest("pod.yaml").replace("runAsNonRoot", "runAsNobody");
    assertThatThrownBy(() -> read(wrong))
        .hasRootCauseInstanceOf(UnrecognizedPropertyException.class)
        .hasMessageContaining("runAsNobody");
  }
}
