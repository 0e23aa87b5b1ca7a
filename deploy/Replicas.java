import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.config.ConfigResource;

/**
 * Prints how often each topic is kept, internal ones included: its replicas, how many of them are
 * in sync, and how many must be for a write. Ends with 1 where that is less than asked for.
 *
 * <pre>java -cp 'standalone/target/dist/lib/*' deploy/Replicas.java BROKERS REPLICAS IN-SYNC MIN-ISR</pre>
 */
void main(String[] args) throws Exception {
  int replicasAsked = Integer.parseInt(args[1]);
  int inSyncAsked = Integer.parseInt(args[2]);
  int minAsked = Integer.parseInt(args[3]);
  boolean failed = false;
  try (Admin admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, args[0]))) {
    var names = admin.listTopics(new ListTopicsOptions().listInternal(true)).names().get();
    IO.println("replicas  in sync  min ISR  topic");
    for (TopicDescription topic : admin.describeTopics(names).allTopicNames().get().values()) {
      var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic.name());
      var config = admin.describeConfigs(List.of(resource)).all().get().get(resource);
      int min = Integer.parseInt(config.get("min.insync.replicas").value());
      int replicas = fewest(topic, partition -> partition.replicas().size());
      int inSync = fewest(topic, partition -> partition.isr().size());
      boolean fewer = replicas < replicasAsked || inSync < inSyncAsked || min < minAsked;
      failed |= fewer;
      IO.println(
          "%8d %8d %8d  %s%s"
              .formatted(replicas, inSync, min, topic.name(), fewer ? "  FEWER THAN ASKED" : ""));
    }
  }
  System.exit(failed ? 1 : 0);
}

private static int fewest(TopicDescription topic, ToIntFunction<TopicPartitionInfo> count) {
  return topic.partitions().stream().mapToInt(count).min().orElse(0);
}
